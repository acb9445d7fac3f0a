/* A swapoff that lasts as long as something else wants the processor. */
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>

static bool stay_on_first_processor(void)
{
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    return sched_setaffinity(0, sizeof first, &first) == 0;
}

/* Of the time that a spinning program wants, SCHED_IDLE leaves a third of a percent (sched(7)). */
int end_swap_idly(const char *device)
{
    if (!stay_on_first_processor() || sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){0}) != 0)
        return 127;
    printf("swapoff %d\n", end_swap(device) == 0 ? 0 : errno);
    return 0;
}

int spin(void)
{
    if (!stay_on_first_processor())
        return 127;
    puts("spinning");
    fflush(stdout);
    for (;;)
        __asm__ volatile("pause");
}
