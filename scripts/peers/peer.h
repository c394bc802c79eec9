/* What all peers in CUDA C share: the same functions for a device and, as their twin, for the host.
 *
 * RUNS(i, count) stands before what is done for run i, a thread of a device or a turn of a loop. LANES(l) stands before
 * what each of 32 threads does that work on one run together; what they hold is an array of LANES_HELD structs, one on
 * a device, where it is the thread's own, and 32 on the host. SWAPPED adds to `field` of each lane that of the lane
 * whose number differs in bits `from`, 2 · from, … below `to`, so that all hold the sum. */
#pragma once

#if defined(__CUDACC__)
#define INLINE static __device__ __forceinline__
#define KERNEL(threads, blocks) extern "C" __global__ void __launch_bounds__(threads, blocks)
#define RUNS(i, count)                                                                     \
    const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; /* its own run */ \
    if (i < (count))
#define LANES_HELD 1
#define LANES(l) for (int l = 0; l < 1; l++)
#define NUMBER(l) ((int)(threadIdx.x % 32))
#define WARPS(i, count)                                                                             \
    const long long i = ((long long)blockIdx.x * blockDim.x + threadIdx.x) / 32; /* its warp's run */ \
    if (i < (count))
#define SWAPPED(lane, field, from, to)                            \
    _Pragma("unroll") for (int apart = from; apart < to; apart *= 2) \
        lane[0].field += __shfl_xor_sync(0xffffffffu, lane[0].field, apart)
#define SHARED __shared__
#define FILLED(k, size) for (int k = (int)threadIdx.x; k < (size); k += (int)blockDim.x)
#define FILLING_ENDS __syncthreads()
#define UNROLLED _Pragma("unroll")
#else
#include <cmath>
#define INLINE static inline
#define KERNEL(threads, blocks) extern "C" void
#define RUNS(i, count) for (long long i = 0; i < (count); i++)
#define LANES_HELD 32
#define LANES(l) for (int l = 0; l < 32; l++)
#define NUMBER(l) (l)
#define WARPS(i, count) RUNS(i, count)
#define SWAPPED(lane, field, from, to)                                    \
    for (int apart = from; apart < to; apart *= 2) {                      \
        double others[32];                                                \
        for (int l = 0; l < 32; l++) others[l] = lane[l ^ apart].field;   \
        for (int l = 0; l < 32; l++) lane[l].field += others[l];          \
    }
#define SHARED static thread_local
#define FILLED(k, size) for (int k = 0; k < (size); k++)
#define FILLING_ENDS (void)0
#define UNROLLED
using std::sqrt;
using std::tanh;
using std::exp;
using std::log1p;
using std::fabs;
#endif

/* Whether a number is finite, of either precision: no difference of an infinity or of NaN is 0. */
template <class Real> INLINE bool finite_(Real v) { return v - v == Real(0); }

/* Infinity and what is no number, which the run-time compiler has no macros for. */
template <class Real> INLINE Real infinity_() {
    const Real nothing = 0;
    return Real(1) / nothing;
}
template <class Real> INLINE Real undefined_() { return infinity_<Real>() - infinity_<Real>(); }

/* Philox4x32-10, Salmon, Moraes, Dror & Shaw 2011, doi:10.1145/2063384.2063405: w holds the counter, then the words. */
INLINE void philox(unsigned w[4], unsigned key0, unsigned key1) {
    UNROLLED for (int round = 0; round < 10; round++) {
        const unsigned long long a = 0xD2511F53ull * w[0], b = 0xCD9E8D57ull * w[2];
        const unsigned c1 = w[1], c3 = w[3];
        w[0] = (unsigned)(b >> 32) ^ c1 ^ key0;
        w[1] = (unsigned)b;
        w[2] = (unsigned)(a >> 32) ^ c3 ^ key1;
        w[3] = (unsigned)a;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
}
