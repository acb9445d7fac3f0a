/*
 * latency MIB MILLISECONDS: a process with so much resident that maps and unmaps 64 KiB again and again, as an allocator
 * does, and prints "MEDIAN P99 MAXIMUM COUNT" of how long one such pair took, in nanoseconds. It prints "ready PID"
 * first and measures once for each line of its input.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1 << 22, PAUSE_NANOSECONDS = 20000 };

static long samples[MOST];

static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    long x = *(const long *)a, y = *(const long *)b;
    return (x > y) - (x < y);
}

static void measure(long milliseconds)
{
    long end = now() + milliseconds * 1000000, count = 0;
    while (now() < end && count < MOST) {
        long before = now();
        char *area = mmap(NULL, 64 * 1024, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        *(volatile char *)area = 1;
        munmap(area, 64 * 1024);
        long after = now();
        samples[count++] = after - before;
        /* Spinning: a sleep would measure how the scheduler wakes it. */
        while (now() < after + PAUSE_NANOSECONDS)
            ;
    }
    qsort(samples, (size_t)count, sizeof *samples, ascending);
    printf("%ld %ld %ld %ld\n", samples[count / 2], samples[count * 99 / 100], samples[count - 1], count);
    fflush(stdout);
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fputs("usage: latency MIB MILLISECONDS\n", stderr);
        return 2;
    }
    size_t bytes = strtoull(arguments[1], NULL, 10) << 20;
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    char *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        return 1;
    for (size_t i = 0; i < bytes; i += 4096)
        ((volatile char *)area)[i] = 1;
    printf("ready %d\n", (int)getpid());
    fflush(stdout);
    char line[16];
    while (fgets(line, sizeof line, stdin) != NULL)
        measure(atol(arguments[2]));
    return 0;
}
