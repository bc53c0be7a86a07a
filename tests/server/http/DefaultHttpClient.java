import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;

/** Asks a server as Java does unless it is told otherwise: every request over plain HTTP offers an upgrade to HTTP/2. */
public class DefaultHttpClient {
  public static void main(String[] arguments) throws Exception {
    String server = arguments[0];
    byte[] recording = Files.readAllBytes(Path.of(arguments[1]));
    HttpClient client = HttpClient.newHttpClient();

    for (String path : new String[] {"/livez", "/v1/models", "/nothing"}) {
      var response = client.send(HttpRequest.newBuilder(URI.create(server + path)).build(), BodyHandlers.ofString());
      System.out.println(path + " " + response.statusCode());
    }

    byte[] head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n".getBytes();
    var form = BodyPublishers.ofByteArrays(java.util.List.of(head, recording, "\r\n--x--\r\n".getBytes()));
    var upload = HttpRequest.newBuilder(URI.create(server + "/v1/transcriptions"))
        .header("Content-Type", "multipart/form-data; boundary=x").POST(form).build();
    for (int count = 0; count < 2; count++) {
      var response = client.send(upload, BodyHandlers.ofString());
      System.out.println(response.version() + " " + response.statusCode() + " " + response.body());
    }
  }
}
