// daemon KIND CALM FIRST LATER: a daemon that forks once a second, is calm for CALM seconds, and then grows by two points of
// its limit every three seconds, and every 40 seconds from 90 percent on: up to FIRST percent in its first life, and up to LATER percent in others. KIND map grows one
// mapping against RAM and swap, KIND tasks the tasks of its cgroup. The first refused fork ends it with a line in the journal.
// The folder of RuntimeDirectory=, which must be preserved, marks the first life.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST_PERCENT = 60, STEP_PERCENT = 2, FAST_SECONDS = 3, SLOW_SECONDS = 40, SLOW_PERCENT = 90 };

static void fork_once(void) {
  pid_t child = fork();
  if (child == 0)
    _exit(0);
  if (child < 0) {
    printf("fork refused: %s\n", strerror(errno));
    exit(1);
  }
  waitpid(child, NULL, 0);
}

static size_t bytes_of(int percent) {
  struct sysinfo info;
  sysinfo(&info);
  return (size_t)(info.totalram + info.totalswap) * info.mem_unit / 100 * (size_t)percent & ~(size_t)4095;
}

static void grow_mapping(int percent) {
  static void *mapping;
  static size_t size;
  size_t wanted = bytes_of(percent);
  void *grown = mapping == NULL ? mmap(NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                : mremap(mapping, size, wanted, MREMAP_MAYMOVE);
  if (grown == MAP_FAILED) {
    printf("mapping refused: %s\n", strerror(errno));
    exit(1);
  }
  mapping = grown;
  size = wanted;
}

static void *sleep_for_ever(void *nothing) {
  for (;;)
    pause();
  return nothing;
}

// The unit has TasksMax=100: a point is a task, and a fork child is less than the growth that counts. Threads are tasks too.
static void grow_tasks(int percent) {
  static int tasks = 2;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  for (; tasks < percent; tasks++) {
    pthread_t thread;
    int error = pthread_create(&thread, &small, sleep_for_ever, NULL);
    if (error != 0) {
      printf("fork refused: %s\n", strerror(error));
      exit(1);
    }
  }
}

static int is_first_life(void) {
  char path[4096];
  snprintf(path, sizeof path, "%s/started", getenv("RUNTIME_DIRECTORY"));
  int file = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
  if (file >= 0)
    close(file);
  return file >= 0;
}

int main(int count, char **words) {
  if (count != 5 || getenv("RUNTIME_DIRECTORY") == NULL)
    return 2;
  void (*grow)(int) = strcmp(words[1], "map") == 0 ? grow_mapping : grow_tasks;
  int calm = atoi(words[2]), top = atoi(words[is_first_life() ? 3 : 4]);
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("started\n");
  grow(FIRST_PERCENT);
  for (int second = 0, percent = FIRST_PERCENT;; second++) {
    sleep(1);
    int pause = percent < SLOW_PERCENT ? FAST_SECONDS : SLOW_SECONDS;
    if (second >= calm && second % pause == 0 && percent + STEP_PERCENT <= top)
      grow(percent += STEP_PERCENT);
    fork_once();
  }
}
