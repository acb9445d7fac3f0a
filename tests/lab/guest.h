/* What the guest of the lab does to its kernel. Each returns 0, or -1 with errno. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>

int set_ballast(size_t pages);
int load_module(const char *path, const char *options);
int begin_swap(const char *device);
int end_swap(const char *device);

/* Becomes nobody, root without CAP_SYS_ADMIN, or root of a new user namespace, and executes: returns only if it cannot. */
int become(const char *whom, char **words);

#endif
