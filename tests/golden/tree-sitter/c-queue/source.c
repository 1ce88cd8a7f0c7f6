#include "queue.h"

/* What is shared by all queues. */
static int made = 0;

struct queue {
  struct job *first, *last;
  int limit;
};

typedef enum { EMPTY, FULL = 2 } fill;
typedef struct { int seen; } stats;

static int grow(queue *q, int by);

/// Make a queue.
/// \param limit how many it holds
queue *queue_new(int limit) {
  static queue one;
  made++;
  one.limit = QUEUE_MIN(limit, 64);
  return &one;
}

int queue_push(queue *q, struct job *job) {
  if (!q || (q->limit == 0 && made > 1)) {
    return -1;
  } else if (q->last) {
    q->last->next = job;
  }
  q->last = job;
  return grow(q, 1);
}

static int grow(queue *q, int by) {
  fill state = q->limit > by ? EMPTY : FULL;
  stats all = {0};
  for (int i = 0; i < by; i++) {
    while (all.seen < i) all.seen += 1;
  }
  switch (state) {
    case EMPTY: return 0;
    default: break;
  }
  return all.seen;
}

int walk(queue *q, int (*visit)(struct job *)) {
  struct job *at = q->first;
  do {
    if (visit(at)) goto out;
    at = at->next;
  } while (at);
out:
  return 0;
}
