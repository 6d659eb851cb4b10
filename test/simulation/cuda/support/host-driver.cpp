// A CUDA driver whose device is this processor: device memory is memory, machine code a library that g++ made of the
// kernels' source, and a launch a call. It answers what the engine asks of the real one, in the same order and types.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <string>
#include <unistd.h>

namespace {
constexpr int refused = 1, notFound = 500, invalidImage = 200;
size_t taken = 0;
}  // namespace

extern "C" {
int cuInit(unsigned) { return std::getenv("HOST_DRIVER_REFUSES") ? 100 : 0; }
int cuGetErrorName(int code, const char** name) {
  *name = code == 100 ? "CUDA_ERROR_NO_DEVICE" : code == invalidImage ? "CUDA_ERROR_INVALID_IMAGE" : "CUDA_ERROR_UNKNOWN";
  return 0;
}
int cuDriverGetVersion(int* version) { *version = 12020; return 0; }
int cuDeviceGet(int* device, int ordinal) { *device = ordinal; return ordinal == 0 ? 0 : refused; }
int cuDeviceGetName(char* name, int length, int) { std::snprintf(name, length, "this processor"); return 0; }
int cuDeviceGetAttribute(int* value, int attribute, int) {
  *value = attribute == 16 ? 3 : attribute == 13 ? 2000000 : attribute == 75 ? 8 : attribute == 76 ? 9 : 0;
  return 0;
}
int cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = size_t(1) << 30; return 0; }
int cuDevicePrimaryCtxRetain(void** context, int) { *context = &taken; return 0; }
int cuDevicePrimaryCtxRelease_v2(int) { return taken == 0 ? 0 : refused; }
int cuCtxSetCurrent(void*) { return 0; }

int cuModuleLoadData(void** module, const void* image) {
  // The image begins with its own length: the real one reads it from the ELF header.
  uint64_t bytes = 0;
  std::memcpy(&bytes, image, 8);
  if (bytes > (uint64_t(1) << 28)) return invalidImage;
  char path[] = "/tmp/millrace-host-module-XXXXXX";
  const int file = mkstemp(path);
  const bool written = write(file, static_cast<const char*>(image) + 8, bytes) == ssize_t(bytes);
  close(file);
  *module = written ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
  unlink(path);
  return *module ? 0 : invalidImage;
}
int cuModuleUnload(void* module) { return dlclose(module); }
int cuModuleGetFunction(void** function, void* module, const char* name) {
  *function = dlsym(module, (std::string("host_") + name).c_str());
  return *function ? 0 : notFound;
}

int cuMemGetInfo_v2(size_t* free, size_t* total) { *free = *total = size_t(1) << 30; return 0; }
int cuMemAlloc_v2(void** address, size_t bytes) {
  // Filled with NaN patterns, so that what is read before it is written shows.
  *address = std::malloc(bytes);
  std::memset(*address, 0xff, bytes);
  ++taken;
  return 0;
}
int cuMemFree_v2(void* address) { std::free(address); --taken; return 0; }
int cuMemcpyHtoD_v2(void* device, const void* host, size_t bytes) { std::memcpy(device, host, bytes); return 0; }
int cuMemcpyDtoH_v2(void* host, const void* device, size_t bytes) { std::memcpy(host, device, bytes); return 0; }
int cuMemsetD8_v2(void* device, unsigned char value, size_t bytes) { std::memset(device, value, bytes); return 0; }

int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void*, int, size_t) { *blocks = 2; return 0; }
int cuLaunchKernel(void* function, unsigned blocks, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*,
                   void** parameters, void**) {
  reinterpret_cast<void (*)(unsigned, const void*)>(function)(blocks, parameters[0]);
  return 0;
}
int cuEventCreate(void** event, unsigned) { *event = std::malloc(1); return 0; }
int cuEventRecord(void*, void*) { return 0; }
// The first question finds the work unfinished, as it mostly is.
int cuEventQuery(void*) { static bool asked = false; asked = !asked; return asked ? 600 : 0; }
int cuEventDestroy_v2(void* event) { std::free(event); return 0; }
}
