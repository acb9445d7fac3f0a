/*
 * load [OPTION VALUE]...: starts processes that sleep, prints "ready COUNT" once all of them stand, and ends them and
 * itself at the end of its input.
 */
#define _GNU_SOURCE
#include "children.h"
#include <string.h>

enum { PROCESSES, AREAS, TOUCH_KIB, WIDE, WIDE_AREAS, LARGE, LARGE_MIB, OPTIONS };

static const char *const names[OPTIONS] = {
    [PROCESSES] = "--processes", [AREAS] = "--areas",  [TOUCH_KIB] = "--touch-kib", [WIDE] = "--wide",
    [WIDE_AREAS] = "--wide-areas", [LARGE] = "--large", [LARGE_MIB] = "--large-mib",
};

/* An ordinary process of a node has some dozens to hundreds of mappings and some MiB. */
static size_t option[OPTIONS] = {
    [PROCESSES] = 1000, [AREAS] = 60, [TOUCH_KIB] = 2048, [WIDE] = 3, [WIDE_AREAS] = 10000, [LARGE] = 2, [LARGE_MIB] = 1024,
};

static bool make_resident(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        return false;
    for (size_t i = 0; i < bytes; i += page)
        ((volatile char *)area)[i] = 1;
    return true;
}

static bool prepare(size_t index)
{
    bool wide = index < option[WIDE];
    bool large = !wide && index < option[WIDE] + option[LARGE];
    prctl(PR_SET_NAME, wide ? "load-wide" : large ? "load-large" : "load");
    return make_areas(wide ? option[WIDE_AREAS] : option[AREAS])
        && make_resident(large ? option[LARGE_MIB] << 20 : option[TOUCH_KIB] << 10);
}

static void live(void)
{
    pause();
}

static bool parse(int count, char **arguments)
{
    for (int i = 1; i + 1 < count; i += 2) {
        int o = 0;
        while (o < OPTIONS && strcmp(names[o], arguments[i]) != 0)
            o++;
        char *end;
        size_t value = strtoull(arguments[i + 1], &end, 10);
        if (o == OPTIONS || *end != '\0')
            return false;
        option[o] = value;
    }
    return count % 2 == 1 && option[PROCESSES] <= 4000;
}

int main(int count, char **arguments)
{
    if (!parse(count, arguments)) {
        fputs("usage: load [--processes N] [--areas N] [--touch-kib N] [--wide N] [--wide-areas N] [--large N] [--large-mib N]\n", stderr);
        return 2;
    }
    return run_children(option[PROCESSES], prepare, live);
}
