/*
 * A Vulkan driver that is SwiftShader until LOSE_DEVICE is set: then it loses the device with the next work that it is
 * given, as drivers do when they reset a card.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define VK_ERROR_DEVICE_LOST (-4)

typedef void (*Function)(void);
typedef Function (*Lookup)(void *handle, const char *name);
typedef int32_t (*Submit)(void *queue, uint32_t count, const void *submits, void *fence);

static Submit submit_to_driver;
static Lookup lookup_in_device;

static void *driver(const char *name) {
  static void *library;
  if (library == NULL) library = dlopen("/usr/lib/chromium/libvk_swiftshader.so", RTLD_NOW | RTLD_LOCAL);
  return library == NULL ? NULL : dlsym(library, name);
}

static int32_t submit(void *queue, uint32_t count, const void *submits, void *fence) {
  if (getenv("LOSE_DEVICE") != NULL) return VK_ERROR_DEVICE_LOST;
  return submit_to_driver(queue, count, submits, fence);
}

static Function replaced(const char *name, Function found) {
  if (found == NULL || strcmp(name, "vkQueueSubmit") != 0) return found;
  submit_to_driver = (Submit)found;
  return (Function)submit;
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
