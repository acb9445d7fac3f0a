/* The kernel's own view of this process: /proc/self/maps, see proc_pid_maps(5). */
#define _GNU_SOURCE
#include "victim.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Static and read with read(2): stdio would allocate, and an allocation could change the layout under test. */
static char buffer[16384];

bool find_vma(const char *address, char **start, char **end)
{
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    size_t kept = 0;
    bool found = false;
    ssize_t got;
    while (!found && (got = read(fd, buffer + kept, sizeof buffer - kept - 1)) > 0) {
        size_t length = kept + (size_t)got;
        buffer[length] = '\0';
        char *line = buffer;
        for (char *newline; !found && (newline = strchr(line, '\n')) != NULL; line = newline + 1) {
            char *dash;
            uintptr_t low = strtoull(line, &dash, 16);
            uintptr_t high = strtoull(dash + 1, NULL, 16);
            if ((uintptr_t)address >= low && (uintptr_t)address < high) {
                *start = (char *)low;
                *end = (char *)high;
                found = true;
            }
        }
        kept = length - (size_t)(line - buffer);
        memmove(buffer, line, kept);
    }
    close(fd);
    return found;
}

bool is_one_vma(const char *start, const char *end)
{
    char *low, *high;
    return find_vma(start, &low, &high) && low == start && high == end;
}
