/*
 * cputime PID [PACE_MS COUNT]: the CPU time of another process, all of its threads, in nanoseconds; with a pace, what it
 * used in each of so many intervals.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long nanoseconds(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) == 0 ? t.tv_sec * 1000000000L + t.tv_nsec : -1;
}

int main(int count, char **arguments)
{
    clockid_t clock;
    if ((count != 2 && count != 4) || clock_getcpuclockid((pid_t)atol(arguments[1]), &clock) != 0) {
        fputs("usage: cputime PID [PACE_MS COUNT], of a process that runs\n", stderr);
        return 2;
    }
    long last = nanoseconds(clock);
    if (count == 2)
        return last < 0 || printf("%ld\n", last) < 0;
    long pace = atol(arguments[2]), intervals = atol(arguments[3]);
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (long i = 0; i < intervals && last >= 0; i++) {
        next.tv_nsec += pace % 1000 * 1000000;
        next.tv_sec += pace / 1000 + next.tv_nsec / 1000000000;
        next.tv_nsec %= 1000000000;
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
            ;
        long now = nanoseconds(clock);
        printf("%ld\n", now - last);
        last = now;
    }
    return last < 0;
}
