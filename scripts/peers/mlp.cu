/* Networks 2-8-1 with tanh and binary cross-entropy on mini-batches, by Adam: a thread for each network, its weights
 * and both moments in registers, the samples in shared memory, all steps in one launch.
 *
 * Weights are those of the first layer, input by input, its biases, those of the second and its bias. data:
 * Real[SAMPLES, 3], two features and the target. Batches are drawn with replacement, by Philox, as gdviz draws them:
 * sample k of step t of network i is of word k mod 4 of block k div 4. losses: Real[network, 2], the mean over all
 * samples at both ends. */
#include "peer.h"

enum { HIDDEN = 8, WEIGHTS = 4 * HIDDEN + 1, SAMPLES = 512, BATCH = 32, STREAM = 1 << 17 };

template <class Real> struct Rates {
    Real lr, beta1, beta2, eps;
};

/* The logit of a sample, and what the hidden neurons answer. */
template <class Real> INLINE Real logit(const Real w[WEIGHTS], Real u, Real v, Real a[HIDDEN]) {
    Real z = w[4 * HIDDEN];
    UNROLLED for (int h = 0; h < HIDDEN; h++) {
        a[h] = tanh(u * w[h] + v * w[HIDDEN + h] + w[2 * HIDDEN + h]);
        z += a[h] * w[3 * HIDDEN + h];
    }
    return z;
}

template <class Real> INLINE Real mean_loss(const Real w[WEIGHTS], const Real *data) {
    Real sum = 0, a[HIDDEN];
    for (int k = 0; k < SAMPLES; k++) {
        const Real z = logit(w, data[3 * k], data[3 * k + 1], a), y = data[3 * k + 2];
        sum += (z < 0 ? -z * y : z * (Real(1) - y)) + log1p(exp(-fabs(z)));
    }
    return sum / Real(SAMPLES);
}

template <class Real> INLINE void add_slopes(const Real w[WEIGHTS], Real g[WEIGHTS], Real u, Real v, Real y) {
    Real a[HIDDEN];
    const Real z = logit(w, u, v, a), e = exp(-fabs(z));
    const Real slope = (z < 0 ? e : Real(1)) / (Real(1) + e) - y;
    g[4 * HIDDEN] += slope;
    UNROLLED for (int h = 0; h < HIDDEN; h++) {
        const Real up = slope * w[3 * HIDDEN + h] * (Real(1) - a[h] * a[h]);
        g[3 * HIDDEN + h] += slope * a[h];
        g[h] += u * up;
        g[HIDDEN + h] += v * up;
        g[2 * HIDDEN + h] += up;
    }
}

template <class Real>
INLINE void train(const Real *start, const Real *data, const Real *gains, Real *end, Real *losses, long long i,
                  int steps, unsigned seed, const Rates<Real> &n) {
    Real w[WEIGHTS], m[WEIGHTS] = {}, v[WEIGHTS] = {};
    UNROLLED for (int k = 0; k < WEIGHTS; k++) w[k] = start[WEIGHTS * i + k];
    losses[2 * i] = mean_loss(w, data);
    for (int t = 1; t <= steps; t++) {
        Real g[WEIGHTS] = {};
        for (int block = 0; block < BATCH / 4; block++) {
            unsigned word[4] = {(unsigned)i, (unsigned)(i >> 32), (unsigned)t, (unsigned)block};
            philox(word, seed, STREAM);
            UNROLLED for (int k = 0; k < 4; k++) {
                const Real *sample = data + 3 * (int)(((unsigned long long)word[k] * SAMPLES) >> 32);
                add_slopes(w, g, sample[0], sample[1], sample[2]);
            }
        }
        const Real gain1 = gains[2 * t - 2], gain2 = gains[2 * t - 1];
        UNROLLED for (int k = 0; k < WEIGHTS; k++) {
            const Real slope = g[k] * (Real(1) / Real(BATCH));
            m[k] = n.beta1 * m[k] + (Real(1) - n.beta1) * slope;
            v[k] = n.beta2 * v[k] + (Real(1) - n.beta2) * slope * slope;
            w[k] -= n.lr * (m[k] * gain1) / (sqrt(v[k] * gain2) + n.eps);
        }
    }
    UNROLLED for (int k = 0; k < WEIGHTS; k++) end[WEIGHTS * i + k] = w[k];
    losses[2 * i + 1] = mean_loss(w, data);
}

#define MLP(name, Real)                                                                                          \
    KERNEL(64, 1) name(const Real *start, const Real *samples, const Real *gains, Real *end, Real *losses,          \
                    long long count, int steps, unsigned seed, const Rates<Real> rates) {                        \
        SHARED Real data[3 * SAMPLES];                                                                           \
        FILLED(k, 3 * SAMPLES) data[k] = samples[k];                                                             \
        FILLING_ENDS;                                                                                            \
        RUNS(i, count) train<Real>(start, data, gains, end, losses, i, steps, seed, rates);                      \
    }
MLP(mlp_f32, float)
#if !defined(__CUDACC__)
MLP(mlp_f64, double) /* a thread of a device has not as many registers */
#endif
