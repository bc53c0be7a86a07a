/*
 * A Vulkan driver: SwiftShader, watched. It writes how many bytes of memory the device holds into the file DEVICE_BYTES, as
 * an int64; and once LOSE_DEVICE is set it loses the device with the next work that it is given, as drivers do when they
 * reset a card.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VK_ERROR_DEVICE_LOST (-4)

typedef void (*Function)(void);
typedef Function (*Lookup)(void *handle, const char *name);
typedef int32_t (*Submit)(void *queue, uint32_t count, const void *submits, void *fence);

/* The beginning of VkMemoryAllocateInfo. */
struct allocation {
  uint32_t type;
  const void *next;
  uint64_t bytes;
};
typedef int32_t (*Allocate)(void *device, const struct allocation *info, const void *allocator, uint64_t *memory);
typedef void (*Free)(void *device, uint64_t memory, const void *allocator);

#define MOST_MEMORIES 65536

static Submit submit_to_driver;
static Allocate allocate_in_driver;
static Free free_in_driver;
static Lookup lookup_in_device;

static struct {
  uint64_t memory;
  uint64_t bytes;
} held[MOST_MEMORIES];

static void *driver(const char *name) {
  static void *library;
  if (library == NULL) library = dlopen("/usr/lib/chromium/libvk_swiftshader.so", RTLD_NOW | RTLD_LOCAL);
  return library == NULL ? NULL : dlsym(library, name);
}

static int32_t submit(void *queue, uint32_t count, const void *submits, void *fence) {
  if (getenv("LOSE_DEVICE") != NULL) return VK_ERROR_DEVICE_LOST;
  return submit_to_driver(queue, count, submits, fence);
}

static void report(void) {
  const char *path = getenv("DEVICE_BYTES");
  if (path == NULL) return;
  int64_t bytes = 0;
  for (int i = 0; i < MOST_MEMORIES; i++) bytes += held[i].bytes;
  int file = open(path, O_WRONLY | O_CREAT, 0600);
  if (file < 0 || pwrite(file, &bytes, sizeof bytes, 0) != sizeof bytes) abort();
  close(file);
}

static void replace_held(uint64_t from, uint64_t to, uint64_t bytes) {
  for (int i = 0; i < MOST_MEMORIES; i++) {
    if (held[i].memory != from) continue;
    held[i].memory = to;
    held[i].bytes = bytes;
    report();
    return;
  }
  abort();
}

static int32_t allocate(void *device, const struct allocation *info, const void *allocator, uint64_t *memory) {
  int32_t result = allocate_in_driver(device, info, allocator, memory);
  if (result == 0) replace_held(0, *memory, info->bytes);
  return result;
}

static void free_memory(void *device, uint64_t memory, const void *allocator) {
  if (memory != 0) replace_held(memory, 0, 0);
  free_in_driver(device, memory, allocator);
}

static Function replaced(const char *name, Function found) {
  if (found == NULL) return found;
  if (strcmp(name, "vkQueueSubmit") == 0) {
    submit_to_driver = (Submit)found;
    return (Function)submit;
  }
  if (strcmp(name, "vkAllocateMemory") == 0) {
    allocate_in_driver = (Allocate)found;
    return (Function)allocate;
  }
  if (strcmp(name, "vkFreeMemory") == 0) {
    free_in_driver = (Free)found;
    return (Function)free_memory;
  }
  return found;
}

static Function lookup(void *device, const char *name) { return replaced(name, lookup_in_device(device, name)); }

Function vk_icdGetInstanceProcAddr(void *instance, const char *name) {
  Lookup in_driver = (Lookup)driver("vk_icdGetInstanceProcAddr");
  Function found = in_driver == NULL ? NULL : in_driver(instance, name);
  if (found == NULL || strcmp(name, "vkGetDeviceProcAddr") != 0) return replaced(name, found);
  lookup_in_device = (Lookup)found;
  return (Function)lookup;
}

int32_t vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
  int32_t (*negotiate)(uint32_t *) = (int32_t(*)(uint32_t *))driver("vk_icdNegotiateLoaderICDInterfaceVersion");
  return negotiate == NULL ? -1 : negotiate(version);
}
