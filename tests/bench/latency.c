/*
 * latency MIB MILLISECONDS [PERCENT]: a process with so much resident that maps and unmaps 64 KiB again and again, as an
 * allocator does, and prints "MEDIAN P99 MAXIMUM COUNT" of the time of such a pair, in nanoseconds. It prints "ready PID"
 * first and measures once for each line of its input. With PERCENT its heap has that percentage of the machine's RAM and
 * swap, of which MIB are resident, and grows by a page every 200 ms.
 *
 * A pair that takes longer than the time between two counts as all the pairs that had to wait for it: a stall a second
 * would otherwise be one figure among ten thousands.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1 << 22, PAUSE_NANOSECONDS = 100000, GROWTH_NANOSECONDS = 200000000 };

static long samples[MOST];
static int grows;

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
    long begin = now(), end = begin + milliseconds * 1000000, count = 0, grown = begin;
    while (now() < end && count < MOST) {
        if (grows && now() >= grown + GROWTH_NANOSECONDS) {
            grown = now();
            sbrk(sysconf(_SC_PAGESIZE));
        }
        long before = now();
        char *area = mmap(NULL, 64 * 1024, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        *(volatile char *)area = 1;
        munmap(area, 64 * 1024);
        long after = now();
        for (long waited = after - before; count < MOST; waited -= PAUSE_NANOSECONDS) {
            samples[count++] = waited;
            if (waited < 2 * PAUSE_NANOSECONDS)
                break;
        }
        struct timespec pause = {.tv_nsec = PAUSE_NANOSECONDS};
        nanosleep(&pause, NULL);
    }
    qsort(samples, (size_t)count, sizeof *samples, ascending);
    printf("%ld %ld %ld %ld\n", samples[count / 2], samples[count * 99 / 100], samples[count - 1], count);
    fflush(stdout);
}

static char *make_heap(size_t bytes, size_t percent)
{
    struct sysinfo machine;
    if (sysinfo(&machine) != 0)
        return MAP_FAILED;
    uint64_t heap = (uint64_t)(machine.totalram + machine.totalswap) * machine.mem_unit / 100 * percent;
    grows = 1;
    return heap < bytes ? MAP_FAILED : sbrk((intptr_t)heap);
}

int main(int count, char **arguments)
{
    if (count != 3 && count != 4) {
        fputs("usage: latency MIB MILLISECONDS [PERCENT]\n", stderr);
        return 2;
    }
    size_t bytes = strtoull(arguments[1], NULL, 10) << 20;
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    /* Other work of the machine may not take its CPU away within a pair. */
    struct sched_param priority = {.sched_priority = 10};
    if (sched_setscheduler(0, SCHED_FIFO, &priority) != 0)
        perror("real-time priority");
    char *area = count == 4 ? make_heap(bytes, strtoull(arguments[3], NULL, 10))
                            : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED) {
        fputs("the heap could not be made as wanted\n", stderr);
        return 1;
    }
    for (size_t i = 0; i < bytes; i += 4096)
        ((volatile char *)area)[i] = 1;
    printf("ready %d\n", (int)getpid());
    fflush(stdout);
    char line[16];
    while (fgets(line, sizeof line, stdin) != NULL)
        measure(atol(arguments[2]));
    return 0;
}
