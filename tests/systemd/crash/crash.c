// Preloaded into forkguard: kills it with SIGKILL at the message that restarts a unit. FORKGUARD_CRASH=before does so before
// the message is sent, and =after once its answer is there but not read: systemd drops the call of a process that is gone.
// The file that FORKGUARD_CRASH_ONCE names is made then, and holds back later ones.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char method[] = "TryRestartUnit";

static int is_due(const void *bytes, size_t count) {
  const char *once = getenv("FORKGUARD_CRASH_ONCE");
  if (once == NULL || memmem(bytes, count, method, sizeof method - 1) == NULL)
    return 0;
  int file = open(once, O_CREAT | O_EXCL | O_WRONLY, 0600);
  if (file >= 0)
    close(file);
  return file >= 0;
}

static int is_after(void) { return strcmp(getenv("FORKGUARD_CRASH"), "after") == 0; }

static void end(void) { kill(getpid(), SIGKILL); }

static void end_at_answer(int fd) {
  struct pollfd answer = {.fd = fd, .events = POLLIN};
  poll(&answer, 1, -1);
  end();
}

ssize_t send(int fd, const void *bytes, size_t count, int flags) {
  ssize_t (*real)(int, const void *, size_t, int) = (ssize_t(*)(int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");
  int due = is_due(bytes, count);
  if (due && !is_after())
    end();
  ssize_t sent = real(fd, bytes, count, flags);
  if (due)
    end_at_answer(fd);
  return sent;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  ssize_t (*real)(int, const struct msghdr *, int) = (ssize_t(*)(int, const struct msghdr *, int))dlsym(RTLD_NEXT, "sendmsg");
  int due = 0;
  for (size_t i = 0; i < message->msg_iovlen; i++)
    due |= is_due(message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
  if (due && !is_after())
    end();
  ssize_t sent = real(fd, message, flags);
  if (due)
    end_at_answer(fd);
  return sent;
}
