// An owserver that answers at once: one thread, canned replies, no bus. Its cost is close to nothing, so the cost of a call is
// the client's. It listens on a free loopback port, prints that port, and ends with the process that started it.
//
//   NOP                              yes
//   READ    /28.<12 digits>/type     DS18B20
//           /28.<12 digits>/id       the 12 digits, so that a reply that reached the wrong call shows
//           …/temperature_scale      C
//           /big/<n>                 n bytes, as far as the size asked for
//   DIRALL  /bus.<n>                 n entries
//   anything else                    -1, or -42 for another type of message
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NOP = 1, READ = 2, DIRALL = 7 };
enum { HEADER = 24, LONGEST_REQUEST = 4096, LONGEST_REPLY = 1 << 17, CONNECTIONS = 4096, ENTRY = 17 };
static const int KEEP = 4;

struct connection {
  size_t length;
  uint8_t bytes[LONGEST_REQUEST];
};
static struct connection *connections[CONNECTIONS];
static uint8_t out[HEADER + LONGEST_REPLY];
static char big[LONGEST_REPLY], list[LONGEST_REPLY];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int32_t get(const uint8_t *bytes) {
  uint32_t value;
  memcpy(&value, bytes, 4);
  return (int32_t)ntohl(value);
}

static void put(uint8_t *bytes, int32_t value) {
  uint32_t ordered = htonl((uint32_t)value);
  memcpy(bytes, &ordered, 4);
}

static void hang_up(int fd) {
  close(fd);
  free(connections[fd]);
  connections[fd] = NULL;
}

// Usually one send is enough. The client waits for the reply, so waiting for room in its buffer delays no other client's call.
static int send_all(int fd, size_t length) {
  for (size_t sent = 0; sent < length;) {
    ssize_t n = send(fd, out + sent, length - sent, MSG_NOSIGNAL);
    if (n > 0) sent += (size_t)n;
    else if (n < 0 && errno == EAGAIN) {
      struct pollfd room = {.fd = fd, .events = POLLOUT};
      if (poll(&room, 1, 1000) <= 0) return -1;
    } else if (n < 0 && errno != EINTR) return -1;
  }
  return 0;
}

static int reply(int fd, int32_t result, int32_t flags, int32_t payload, int32_t size, const void *data) {
  put(out, 0);
  put(out + 4, payload);
  put(out + 8, result);
  put(out + 12, flags);
  put(out + 16, size);
  put(out + 20, 0);
  if (payload > 0) memcpy(out + HEADER, data, (size_t)payload);
  return send_all(fd, HEADER + (size_t)payload);
}

static int ends_with(const char *path, size_t length, const char *end) {
  size_t n = strlen(end);
  return length >= n && memcmp(path + length - n, end, n) == 0;
}

static int answer_read(int fd, const char *path, size_t length, int32_t flags, int32_t wanted) {
  const char *value;
  long n;
  if (ends_with(path, length, "/type")) value = "DS18B20", n = 7;
  else if (ends_with(path, length, "/temperature")) value = "21.4375", n = 7;
  else if (length == 19 && ends_with(path, length, "/id")) value = path + 4, n = 12;
  else if (ends_with(path, length, "/temperature_scale")) value = "C", n = 1;
  else if (strncmp(path, "/big/", 5) == 0) {
    value = big, n = atol(path + 5);
    if (n < 0 || n > LONGEST_REPLY) n = LONGEST_REPLY;
  } else return reply(fd, -1, flags, 0, 0, NULL);
  if (n > wanted) n = wanted;
  return reply(fd, (int32_t)n, flags, (int32_t)n, (int32_t)n, value);
}

static int answer_dirall(int fd, const char *path, int32_t flags) {
  long entries = strncmp(path, "/bus.", 5) == 0 ? atol(path + 5) : 0;
  if (entries <= 0 || entries > LONGEST_REPLY / ENTRY) return reply(fd, -1, flags, 0, 0, NULL);
  // The comma after the last entry becomes the NUL that ends the list.
  int32_t length = (int32_t)(entries * ENTRY - 1);
  list[length] = 0;
  int result = reply(fd, 0, flags, length + 1, length, list);
  list[length] = ',';
  return result;
}

// Returns 0 to continue, -1 to close the connection.
static int answer(int fd, const uint8_t *request, int32_t payload) {
  char path[LONGEST_REQUEST];
  memcpy(path, request + HEADER, (size_t)payload);
  path[payload] = 0;
  int32_t type = get(request + 8), flags = get(request + 12), wanted = get(request + 16);
  int failed = type == NOP    ? reply(fd, 0, flags, 0, 0, NULL)
               : type == READ ? answer_read(fd, path, strlen(path), flags, wanted)
               : type == DIRALL ? answer_dirall(fd, path, flags)
                                : reply(fd, -42, flags, 0, 0, NULL);
  return failed || !(flags & KEEP) ? -1 : 0;
}

static void on_readable(int fd) {
  struct connection *c = connections[fd];
  ssize_t n = recv(fd, c->bytes + c->length, sizeof c->bytes - c->length, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    hang_up(fd);
    return;
  }
  c->length += (size_t)n;
  size_t done = 0;
  while (c->length - done >= HEADER) {
    int32_t payload = get(c->bytes + done + 4);
    if (payload < 0 || payload >= LONGEST_REQUEST - HEADER) {
      hang_up(fd);
      return;
    }
    if (c->length - done < HEADER + (size_t)payload) break;
    if (answer(fd, c->bytes + done, payload) < 0) {
      hang_up(fd);
      return;
    }
    done += HEADER + (size_t)payload;
  }
  c->length -= done;
  memmove(c->bytes, c->bytes + done, c->length);
}

int main(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int i = 0; i < LONGEST_REPLY; i++) big[i] = (char)('A' + i % 26);
  for (int i = 0; i < LONGEST_REPLY / ENTRY; i++) {
    char entry[ENTRY + 1];
    snprintf(entry, sizeof entry, "/28.%012X,", (unsigned)i);
    memcpy(list + i * ENTRY, entry, ENTRY);
  }
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), events = epoll_create1(EPOLL_CLOEXEC);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) < 0) die("bind");
  if (listen(listener, 1024) < 0) die("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &size) < 0) die("getsockname");
  struct epoll_event interest = {.events = EPOLLIN, .data.fd = listener};
  if (epoll_ctl(events, EPOLL_CTL_ADD, listener, &interest) < 0) die("epoll_ctl");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    struct epoll_event ready[64];
    int n = epoll_wait(events, ready, 64, -1);
    if (n < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < n; i++) {
      if (ready[i].data.fd != listener) {
        on_readable(ready[i].data.fd);
        continue;
      }
      for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        struct epoll_event arrival = {.events = EPOLLIN, .data.fd = fd};
        if (fd >= CONNECTIONS || !(connections[fd] = calloc(1, sizeof **connections))) {
          close(fd);
          continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        epoll_ctl(events, EPOLL_CTL_ADD, fd, &arrival);
        // The request is often there already.
        on_readable(fd);
      }
    }
  }
}
