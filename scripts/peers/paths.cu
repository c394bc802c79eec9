/* Adam over 2-D starts: a thread for each run, its state in registers, all steps in one launch.
 *
 * Runs are guarded as those of gdviz are. status: 0 all steps were made, 2 diverged, 3 undefined; stopped: the step at
 * which the run stopped, else all of them; left: the first step outside the guard at which it went on, since it was no
 * higher than at its start, -1 where there is none. gains: what m and v are multiplied by in each step, the same
 * for all runs. box: the guard's centre and reach and the far guard's reach, of x and y. */
#include "peer.h"

template <class Real> struct Numbers {
    Real lr, beta1, beta2, eps, box[6];
};

template <class Real> struct alignas(2 * sizeof(Real)) Pair {
    Real m, v;
};

template <class Real> struct Rosenbrock {
    INLINE Real value(Real x, Real y) {
        const Real u = Real(1) - x, w = y - x * x;
        return u * u + w * w * Real(100);
    }
    INLINE void slopes(Real x, Real y, Real &gx, Real &gy) {
        const Real w = y - x * x;
        gx = Real(-400) * w * x - Real(2) + Real(2) * x;
        gy = Real(200) * w;
    }
};

/* Sine and cosine of so many turns; a device has them without the reduction that 2 pi x would need. */
#if defined(__CUDACC__)
INLINE double sine(double turns) { return sinpi(2.0 * turns); }
INLINE double cosine(double turns) { return cospi(2.0 * turns); }
INLINE float sine(float turns) { return sinpif(2.0f * turns); }
INLINE float cosine(float turns) { return cospif(2.0f * turns); }
#else
static const double TURN = 6.283185307179586476925;
template <class Real> INLINE Real sine(Real turns) { return Real(std::sin(TURN * (turns - std::floor(turns)))); }
template <class Real> INLINE Real cosine(Real turns) { return Real(std::cos(TURN * (turns - std::floor(turns)))); }
#endif

template <class Real> struct Rastrigin {
    INLINE Real value(Real x, Real y) { return Real(20) - Real(10) * (cosine(x) + cosine(y)) + x * x + y * y; }
    INLINE void slopes(Real x, Real y, Real &gx, Real &gy) {
        const Real a = Real(62.83185307179586476925);
        gx = a * sine(x) + Real(2) * x;
        gy = a * sine(y) + Real(2) * y;
    }
};

/* What is known of a run beside its path, for basins: to which of some points it comes, since when, when it first left
 * the one at which it began (-2 where it began at none), and its lowest loss. */
template <class Real> struct Basin {
    const Real *points;
    int count;
    Real radius2, best;
    int minimum, since, left;

    INLINE int place(const Basin &b, Real x, Real y) {
        int found = -1;
        Real closest = b.radius2;
        for (int m = 0; m < b.count; m++) {
            const Real u = x - b.points[2 * m], v = y - b.points[2 * m + 1], apart = u * u + v * v;
            if (apart <= b.radius2 && (found < 0 || apart < closest)) found = m, closest = apart;
        }
        return found;
    }
    INLINE void look(Basin &b, Real x, Real y, Real f, int t) {
        const int found = place(b, x, y);
        if (t == 0 && found >= 0) b.left = -1;
        if (t > 0 && found != b.minimum && b.left == -1) b.left = t;
        if (t == 0 || found != b.minimum) b.since = t;
        b.minimum = found;
        if (finite_(f) && f < b.best) b.best = f;
    }
};

template <class Real> struct Ends {
    Real x, y, f;
    int status, stopped, left;
};

template <class Real, template <class> class Landscape, bool FOLLOWED>
INLINE Ends<Real> descend(Real x, Real y, const Numbers<Real> &n, const Pair<Real> *gains, int steps,
                          Basin<Real> &basin) {
    typedef Landscape<Real> Of;
    Ends<Real> ends = {x, y, Of::value(x, y), 0, steps, -1};
    const Real begun = ends.f, own1 = Real(1) - n.beta1, own2 = Real(1) - n.beta2;
    Real mx = 0, my = 0, vx = 0, vy = 0, gx, gy;
    bool away = false;
    if (!finite_(begun)) ends.status = 3, ends.stopped = 0;
    if (FOLLOWED) Basin<Real>::look(basin, x, y, begun, 0);
    for (int t = 1; t <= steps && ends.status == 0; t++) {
        Of::slopes(x, y, gx, gy);
        if (away && !(finite_(gx) && finite_(gy))) {
            ends.status = 2, ends.stopped = t - 1;
            break;
        }
        const Pair<Real> gain = gains[t - 1];
        mx = n.beta1 * mx + own1 * gx;
        my = n.beta1 * my + own1 * gy;
        vx = n.beta2 * vx + own2 * gx * gx;
        vy = n.beta2 * vy + own2 * gy * gy;
        const Real to_x = x - n.lr * (mx * gain.m) / (sqrt(vx * gain.v) + n.eps);
        const Real to_y = y - n.lr * (my * gain.m) / (sqrt(vy * gain.v) + n.eps);
        const bool before = away;
        away = !(fabs(to_x - n.box[0]) <= n.box[2]) | !(fabs(to_y - n.box[1]) <= n.box[3]);
        if (away) { /* all that is rare, behind the one branch of a step */
            if (!(finite_(to_x) && finite_(to_y))) {
                ends.status = before ? 2 : 3, ends.stopped = t;
                break;
            }
            const bool far = !(fabs(to_x - n.box[0]) <= n.box[4] && fabs(to_y - n.box[1]) <= n.box[5]);
            const Real f = Of::value(to_x, to_y);
            if (far || !finite_(f) || f > begun) ends.status = 2, ends.stopped = t;
            else if (ends.left < 0) ends.left = t;
        }
        x = to_x, y = to_y;
        if (FOLLOWED) Basin<Real>::look(basin, x, y, Of::value(x, y), t);
    }
    if (away && ends.status == 0) {
        Of::slopes(x, y, gx, gy);
        if (!(finite_(gx) && finite_(gy))) ends.status = 2, ends.stopped = steps;
    }
    ends.x = x, ends.y = y;
    ends.f = ends.status == 3 ? undefined_<Real>() : Of::value(x, y);
    return ends;
}

#define PATHS(name, Real, Landscape)                                                                                  \
    KERNEL(128, 1) name(const Real *start, const Pair<Real> *gains, Real *end, Real *value, signed char *status,      \
                        int *stopped, int *left, long long count, int steps, const Numbers<Real> numbers) {           \
        RUNS(i, count) {                                                                                              \
            Basin<Real> none = {};                                                                                    \
            const Ends<Real> ends =                                                                                   \
                descend<Real, Landscape, false>(start[2 * i], start[2 * i + 1], numbers, gains, steps, none);         \
            end[2 * i] = ends.x, end[2 * i + 1] = ends.y;                                                             \
            value[i] = ends.f, status[i] = (signed char)ends.status, stopped[i] = ends.stopped, left[i] = ends.left;  \
        }                                                                                                             \
    }
PATHS(rosenbrock_f32, float, Rosenbrock)
PATHS(rosenbrock_f64, double, Rosenbrock)
PATHS(rastrigin_f32, float, Rastrigin)
PATHS(rastrigin_f64, double, Rastrigin)

#define BASINS(name, Real, Landscape)                                                                                 \
    KERNEL(128, 1) name(const Real *start, const Pair<Real> *gains, const Real *points, Real *value, Real *best,      \
                        signed char *status, int *stopped, int *minimum, int *since, int *left, long long count,      \
                        int steps, int minima, Real radius, const Numbers<Real> numbers) {                            \
        RUNS(i, count) {                                                                                              \
            Basin<Real> basin = {points, minima, radius * radius, infinity_<Real>(), -1, 0, -2};                      \
            const Ends<Real> ends =                                                                                   \
                descend<Real, Landscape, true>(start[2 * i], start[2 * i + 1], numbers, gains, steps, basin);         \
            value[i] = ends.f, best[i] = basin.best, status[i] = (signed char)ends.status;                            \
            stopped[i] = ends.stopped, minimum[i] = basin.minimum, left[i] = basin.left;                              \
            since[i] = basin.minimum < 0 ? -1 : basin.since;                                                          \
        }                                                                                                             \
    }
BASINS(basins_f64, double, Rosenbrock)
