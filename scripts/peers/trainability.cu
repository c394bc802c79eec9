/* The problem of Sohl-Dickstein 2024, arXiv:2402.06184: networks WIDTH-WIDTH-1 without biases, tanh, mean-field
 * scaling, mean squared error over SAMPLES = WIDTH² + WIDTH samples, gradient descent with a rate for each layer.
 *
 * A warp for each network. A lane holds the weights of one hidden neuron; lanes of the others of its WIDTH are its
 * group, and groups see other samples. Data are in shared memory, weights and slopes in registers. score: minus the sum
 * of the losses in units of the first where the mean of the last `window` is below 1, else the sum of their inverses; a
 * loss that is not finite ends the run, and counts as `largest` from there on. */
#include "peer.h"

#ifndef WIDTH
#define WIDTH 16
#endif
#ifndef AT_ONCE
#define AT_ONCE 2 /* samples that a group goes through side by side */
#endif
enum { SAMPLES = WIDTH * WIDTH + WIDTH, GROUPS = 32 / WIDTH, THREADS = 64 };
static_assert(SAMPLES % (GROUPS * AT_ONCE) == 0, "groups see as many samples as each other");

struct Lane {
    double w[WIDTH], v;             /* weights to its neuron and from it */
    double slopes[WIDTH], slope;    /* of the loss by these */
    double up[AT_ONCE], out[AT_ONCE]; /* what its neuron answers, and what the network does */
    double loss;
};

INLINE double score_of(const double *X, const double *y, const double *start, double rate_w, double rate_v, int steps,
                       int window, double largest) {
    const double scale_w = sqrt(2.0 / WIDTH), scale_v = 1.0 / WIDTH, share = 1.0 / SAMPLES;
    Lane lane[LANES_HELD];
    double first = 1, total = 0, inverse = 0, late = 0;
    LANES(l) {
        const int unit = NUMBER(l) % WIDTH;
        UNROLLED for (int k = 0; k < WIDTH; k++) lane[l].w[k] = start[k * WIDTH + unit];
        lane[l].v = start[WIDTH * WIDTH + unit];
    }
    for (int t = 0; t < steps; t++) {
        LANES(l) {
            UNROLLED for (int k = 0; k < WIDTH; k++) lane[l].slopes[k] = 0;
            lane[l].slope = lane[l].loss = 0;
        }
        for (int s = 0; s < SAMPLES; s += GROUPS * AT_ONCE) {
            LANES(l) {
                UNROLLED for (int b = 0; b < AT_ONCE; b++) {
                    const double *x = X + (s + b * GROUPS + NUMBER(l) / WIDTH) * WIDTH;
                    double even = 0, odd = 0;
                    UNROLLED for (int k = 0; k < WIDTH; k += 2) {
                        even += x[k] * lane[l].w[k];
                        odd += x[k + 1] * lane[l].w[k + 1];
                    }
                    lane[l].up[b] = tanh((even + odd) * scale_w);
                    lane[l].out[b] = lane[l].up[b] * lane[l].v;
                }
            }
            UNROLLED for (int b = 0; b < AT_ONCE; b++) {
                SWAPPED(lane, out[b], 1, WIDTH);
            }
            LANES(l) {
                UNROLLED for (int b = 0; b < AT_ONCE; b++) {
                    const int sample = s + b * GROUPS + NUMBER(l) / WIDTH;
                    const double *x = X + sample * WIDTH, a = lane[l].up[b];
                    const double miss = lane[l].out[b] * scale_v - y[sample];
                    const double back = miss * lane[l].v * (1 - a * a);
                    lane[l].loss += miss * miss;
                    lane[l].slope += miss * a;
                    UNROLLED for (int k = 0; k < WIDTH; k++) lane[l].slopes[k] += x[k] * back;
                }
            }
        }
        SWAPPED(lane, loss, WIDTH, 32);
        SWAPPED(lane, slope, WIDTH, 32);
        UNROLLED for (int k = 0; k < WIDTH; k++) {
            SWAPPED(lane, slopes[k], WIDTH, 32);
        }
        const double seen = lane[0].loss * share; /* all lanes have the same */
        const bool lost = !finite_(seen);
        double f = lost ? largest : seen;
        if (t == 0) first = f;
        f = f / first <= largest ? f / first : largest;
        const int times = lost ? steps - t : 1, beyond = steps - window - t; /* steps before those that count last */
        const double least = 1 / largest;
        total += times * f;
        inverse += times * (1 / (f >= least ? f : least));
        late += f * (beyond > 0 ? (times > beyond ? times - beyond : 0) : times);
        if (lost) break;
        LANES(l) {
            const double by = 2 * share * scale_v;
            UNROLLED for (int k = 0; k < WIDTH; k++) lane[l].w[k] -= rate_w * (lane[l].slopes[k] * (by * scale_w));
            lane[l].v -= rate_v * (lane[l].slope * by);
        }
    }
    return late / window < 1 ? -total : inverse;
}

KERNEL(THREADS, 4) trainability(const double *start, const double *samples, const double *targets,
                                const double *rates_w, const double *rates_v, double *score, long long count, int steps,
                                int window, double largest) {
    SHARED double X[SAMPLES * WIDTH], y[SAMPLES];
    FILLED(k, SAMPLES * WIDTH) X[k] = samples[k];
    FILLED(k, SAMPLES) y[k] = targets[k];
    FILLING_ENDS;
    WARPS(i, count) {
        const double found = score_of(X, y, start, rates_w[i], rates_v[i], steps, window, largest);
        LANES(l) if (NUMBER(l) == 0) score[i] = found;
    }
}
