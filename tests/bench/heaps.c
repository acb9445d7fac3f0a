/*
 * heaps PERCENT...: one process each whose heap has that percentage of the machine's RAM and swap, untouched, and grows by
 * a page every 200 ms. As load, it prints "ready COUNT" and ends with its input.
 */
#define _GNU_SOURCE
#include "children.h"
#include <stdint.h>
#include <sys/sysinfo.h>

static char **percents;

static bool prepare(size_t index)
{
    struct sysinfo machine;
    prctl(PR_SET_NAME, "heap");
    if (sysinfo(&machine) != 0)
        return false;
    uint64_t total = (uint64_t)(machine.totalram + machine.totalswap) * machine.mem_unit;
    return sbrk((intptr_t)(total / 100 * strtoull(percents[index], NULL, 10))) != (void *)-1;
}

static void live(void)
{
    sleep_milliseconds(200);
    sbrk(sysconf(_SC_PAGESIZE));
}

int main(int count, char **arguments)
{
    if (count < 2) {
        fputs("usage: heaps PERCENT...\n", stderr);
        return 2;
    }
    percents = arguments + 1;
    return run_children((size_t)count - 1, prepare, live);
}
