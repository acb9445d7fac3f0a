/* What the guest of the lab does to its kernel. Each returns 0, or -1 with errno. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

int set_ballast(size_t pages);
int load_module(const char *path, const char *options);
int begin_swap(const char *device);
int end_swap(const char *device);

/* Sets the time of day forward; the time since boot does not change. */
int advance_clock(long seconds);

/* Creates a folder and those above it; one that exists is no error. */
int make_folders(const char *path);

/* Creates the folder and mounts a file system of that type there. */
int mount_at(const char *type, const char *folder, const char *options);

/* RLIMIT_NPROC, soft and hard, of a process; of the caller if the pid is 0. */
int limit_tasks_of(pid_t pid, const char *tasks);

/* Joins the cgroup, becomes the user, sets the limit or enters the namespace, and executes: returns only on an error. */
int start_as(const char *how, const char *argument, char **words);

/* Programs of their own: each ends with its exit code. */
int end_swap_idly(const char *device);
int spin(void);

#endif
