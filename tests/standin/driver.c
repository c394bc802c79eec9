/* A stand-in for NVIDIA's driver, as far as packages that compile for CUDA call it: one device, whose memory is a
   stretch of this machine's and whose kernels are run by whoever calls `stand_in`, none where nobody does. Addresses of
   the device count from the beginning of the stretch, so that the host's and the device's are not mistaken for each
   other unnoticed. Variables of the environment say what it is like: DRIVER_VERSION as 13000, DRIVER_CAPABILITY as 90,
   DRIVER_DEVICES, DRIVER_MEMORY in bytes, DRIVER_WATCHDOG, and the errors that it answers: DRIVER_INIT from the
   beginning, DRIVER_FAULT at a launch, DRIVER_LATE when a queue is waited for. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { OUT_OF_MEMORY = 2, INVALID_CONTEXT = 201, NOT_FOUND = 500 };
enum { FIRST = 4096, ALIGNED = 512, MOST = 4096, LOCAL = 1 << 20 };

typedef int Result;
typedef uint64_t Address;
typedef void (*Run)(unsigned blocks, unsigned threads, void **params);

static unsigned char *memory;
static size_t size;
static struct {
    Address at;
    size_t size;
} held[MOST]; /* by their addresses */
static int holding, object; /* object: what contexts, modules and functions point to */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread void *contexts[64];
static __thread int depth;
static Run run;

static long asked(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtol(text, 0, 10) : otherwise;
}

static void ready(void)
{
    pthread_mutex_lock(&lock);
    if (!memory) {
        size = (size_t)asked("DRIVER_MEMORY", 1L << 34);
        memory = mmap(0, size + LOCAL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    }
    pthread_mutex_unlock(&lock);
}

static unsigned char *there(Address at, size_t n)
{
    if (at < FIRST || at + n > size) {
        fprintf(stderr, "driver: %lx is no address of the device\n", (unsigned long)at);
        abort();
    }
    return memory + at;
}

/* Where the device's memory lies; behind its `bytes` are LOCAL more for what threads have of their own. */
void *stand_in(Run by, size_t *bytes)
{
    ready();
    run = by;
    *bytes = size;
    return memory;
}

/* The device */

Result cuInit(unsigned flags) { return ready(), (Result)asked("DRIVER_INIT", 0); }
Result cuDriverGetVersion(int *version) { return *version = (int)asked("DRIVER_VERSION", 13000), 0; }
Result cuDeviceGetCount(int *count) { return *count = (int)asked("DRIVER_DEVICES", 1), 0; }
Result cuDeviceGet(int *device, int number) { return *device = number, 0; }
Result cuDeviceGetName(char *name, int n, int device) { return snprintf(name, n, "Stand-in"), 0; }
Result cuDeviceGetUuid_v2(char *uuid, int device) { return memset(uuid, 7, 16), 0; }
Result cuDeviceTotalMem_v2(size_t *n, int device) { return ready(), *n = size, 0; }

Result cuDeviceGetAttribute(int *value, int attribute, int device)
{
    int capability = (int)asked("DRIVER_CAPABILITY", 90);
    switch (attribute) {
    case 1: case 2: case 3: *value = 1024; break; /* threads of a block */
    case 4: *value = 64; break;
    case 5: *value = 0x7fffffff; break; /* blocks */
    case 6: case 7: *value = 0xffff; break;
    case 8: *value = 49152; break;
    case 10: *value = 32; break; /* threads of a warp */
    case 12: *value = 65536; break;
    case 16: *value = 132; break; /* multiprocessors */
    case 17: *value = (int)asked("DRIVER_WATCHDOG", 0); break;
    case 39: *value = 2048; break; /* threads of a multiprocessor */
    case 41: *value = 1; break;
    case 75: *value = capability / 10; break;
    case 76: *value = capability % 10; break;
    default: *value = 0;
    }
    return 0;
}

/* Contexts: each thread has its own stack of them, and cannot do much without one. */

Result cuDevicePrimaryCtxRetain(void **context, int device) { return *context = &object, 0; }
Result cuDevicePrimaryCtxRelease_v2(int device) { return 0; }
Result cuDevicePrimaryCtxReset_v2(int device) { return 0; }
Result cuDevicePrimaryCtxSetFlags_v2(int device, unsigned flags) { return 0; }
Result cuDevicePrimaryCtxGetState(int device, unsigned *flags, int *active) { return *flags = 0, *active = 1, 0; }
Result cuCtxPushCurrent_v2(void *context) { return contexts[depth++] = context, 0; }
Result cuCtxGetCurrent(void **context) { return *context = depth ? contexts[depth - 1] : 0, 0; }
Result cuCtxSetCurrent(void *context) { return contexts[depth ? depth - 1 : depth++] = context, 0; }
Result cuCtxGetDevice(int *device) { return *device = 0, depth ? 0 : INVALID_CONTEXT; }
Result cuCtxSynchronize(void) { return depth ? 0 : INVALID_CONTEXT; }

Result cuCtxPopCurrent_v2(void **context)
{
    void *top = depth ? contexts[--depth] : 0;
    if (context)
        *context = top;
    return top ? 0 : INVALID_CONTEXT;
}

/* Memory */

Result cuMemGetInfo_v2(size_t *left, size_t *whole)
{
    *left = *whole = size;
    for (int i = 0; i < holding; i++)
        *left -= held[i].size;
    return depth ? 0 : INVALID_CONTEXT;
}

Result cuMemAlloc_v2(Address *at, size_t n)
{
    Result answer = OUT_OF_MEMORY;
    size_t whole = (n + ALIGNED - 1) / ALIGNED * ALIGNED;
    Address first = FIRST;
    if (!depth)
        return INVALID_CONTEXT;
    pthread_mutex_lock(&lock);
    for (int i = 0; i <= holding && holding < MOST; i++) { /* the first gap that is wide enough */
        if ((i < holding ? held[i].at : size) >= first + whole) {
            memmove(held + i + 1, held + i, (holding - i) * sizeof *held);
            held[i].at = *at = first;
            held[i].size = whole;
            holding++;
            memset(memory + first, 0x7f, whole); /* nobody may read what nobody has written */
            answer = 0;
            break;
        }
        if (i < holding)
            first = held[i].at + held[i].size;
    }
    pthread_mutex_unlock(&lock);
    return answer;
}

Result cuMemFree_v2(Address at)
{
    Result answer = NOT_FOUND;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < holding && answer; i++)
        if (held[i].at == at) {
            memmove(held + i, held + i + 1, (--holding - i) * sizeof *held);
            answer = 0;
        }
    pthread_mutex_unlock(&lock);
    return answer;
}

Result cuMemGetAddressRange_v2(Address *base, size_t *n, Address at)
{
    for (int i = 0; i < holding; i++)
        if (held[i].at <= at && at < held[i].at + held[i].size)
            return *base = held[i].at, *n = held[i].size, 0;
    return NOT_FOUND;
}

Result cuPointerGetAttribute(void *value, int attribute, Address at)
{
    switch (attribute) {
    case 1: *(void **)value = &object; return 0; /* its context */
    case 2: *(unsigned *)value = 2; return 0;    /* the device's */
    case 3: *(Address *)value = at; return 0;
    default: return 1;
    }
}

Result cuMemHostAlloc(void **pointer, size_t n, unsigned flags)
{
    *pointer = aligned_alloc(4096, (n + 4095) / 4096 * 4096);
    return *pointer ? 0 : OUT_OF_MEMORY;
}

Result cuMemFreeHost(void *pointer) { return free(pointer), 0; }
Result cuMemcpyHtoD_v2(Address to, const void *of, size_t n) { return memcpy(there(to, n), of, n), 0; }
Result cuMemcpyDtoH_v2(void *to, Address of, size_t n) { return memcpy(to, there(of, n), n), 0; }
Result cuMemcpyHtoDAsync_v2(Address to, const void *of, size_t n, void *queue) { return cuMemcpyHtoD_v2(to, of, n); }
Result cuMemcpyDtoHAsync_v2(void *to, Address of, size_t n, void *queue) { return cuMemcpyDtoH_v2(to, of, n); }

/* Queues: what is queued is done at once. */

Result cuStreamCreate(void **queue, unsigned flags) { return *queue = malloc(16), 0; }
Result cuStreamDestroy_v2(void *queue) { return free(queue), 0; }
Result cuStreamSynchronize(void *queue) { return (Result)asked("DRIVER_LATE", 0); }
Result cuStreamQuery(void *queue) { return 0; }
Result cuEventCreate(void **event, unsigned flags) { return *event = malloc(16), 0; }
Result cuEventDestroy_v2(void *event) { return free(event), 0; }
Result cuEventRecord(void *event, void *queue) { return 0; }
Result cuEventSynchronize(void *event) { return 0; }

/* Kernels */

Result cuModuleLoadDataEx(void **module, const void *image, unsigned n, void *names, void *values)
{
    return *module = &object, 0;
}

Result cuModuleUnload(void *module) { return 0; }
Result cuModuleGetFunction(void **function, void *module, const char *name) { return *function = &object, 0; }
Result cuModuleGetGlobal_v2(Address *at, size_t *n, void *module, const char *name) { return NOT_FOUND; }

Result cuLibraryLoadData(void **library, const void *image, void *a, void *b, unsigned n, void *c, void *d, unsigned m)
{
    return *library = &object, 0;
}

Result cuLibraryUnload(void *library) { return 0; }
Result cuLibraryGetKernel(void **kernel, void *library, const char *name) { return *kernel = &object, 0; }
Result cuLibraryGetModule(void **module, void *library) { return *module = &object, 0; }
Result cuKernelGetFunction(void **function, void *kernel) { return *function = &object, 0; }
Result cuFuncGetAttribute(int *value, int attribute, void *function) { return *value = attribute ? 0 : 1024, 0; }
Result cuFuncSetAttribute(void *function, int attribute, int value) { return 0; }

Result cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                      unsigned shared, void *queue, void **params, void **extra)
{
    Result fault = (Result)asked("DRIVER_FAULT", 0);
    if (fault)
        return fault;
    if (gy * gz * by * bz != 1 || bx > 1024)
        return 1;
    if (run)
        run(gx, bx, params);
    return 0;
}

typedef struct {
    unsigned gx, gy, gz, bx, by, bz, shared;
    void *queue, *attributes;
    unsigned n;
} Config;

Result cuLaunchKernelEx(const Config *c, void *function, void **params, void **extra)
{
    return cuLaunchKernel(function, c->gx, c->gy, c->gz, c->bx, c->by, c->bz, c->shared, c->queue, params, extra);
}

/* Errors, and where functions are */

static const struct {
    Result number;
    const char *name, *words;
} ERRORS[] = {
    {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {702, "CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"},
    {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination"},
};

static int known(Result error)
{
    int last = sizeof ERRORS / sizeof *ERRORS - 1;
    while (last && ERRORS[last].number != error)
        last--;
    return last;
}

Result cuGetErrorName(Result error, const char **name) { return *name = ERRORS[known(error)].name, 0; }
Result cuGetErrorString(Result error, const char **words) { return *words = ERRORS[known(error)].words, 0; }

Result cuGetProcAddress_v2(const char *name, void **function, int version, uint64_t flags, int *status)
{
    char longer[128];
    Dl_info here;
    dladdr((void *)cuInit, &here);
    void *own = dlopen(here.dli_fname, RTLD_NOW | RTLD_NOLOAD);
    snprintf(longer, sizeof longer, "%s_v2", name);
    *function = dlsym(own, longer);
    if (!*function)
        *function = dlsym(own, name);
    if (status)
        *status = !*function;
    return *function ? 0 : NOT_FOUND;
}
