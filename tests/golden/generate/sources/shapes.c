/* Declarations of every shape. */
#include <stddef.h>
#include "shapes.h"

#define LIMIT 10
/* The greater of two. */
#define GREATER(a, b) ((a) > (b) ? (a) : (b))

enum color { RED, GREEN = LIMIT };
enum { NAMELESS };

struct later;

/* A node of a list. */
typedef struct node {
  int value, *counts[3];
  struct node *next;
  union {
    int whole;
    float part;
  };
  unsigned flags : 3;
  void (*visit)(struct node *self, int depth);
} node_t, *node_p;

typedef struct {
  double x, y;
} point;

typedef int (*compare)(const void *left, const void *right);
typedef unsigned long long word;

struct later {
  point at;
  enum color color;
};

union raw {
  word whole;
  unsigned char bytes[sizeof(word)];
} raw_zero = {0};

extern int counter;
static const char *names[] = {"a", "b"};
node_t **table[LIMIT], single;
int (*handler)(int) = NULL;
point origin = {.x = 1, .y = 2}, *pointed = &origin;

/* Only declared. */
int measure(const point *, int scale);
node_t *find(node_t *list, compare by);
API(int) entry(void);

#ifdef WITH_EXTRA
int extra(int);
#elif defined(WITH_LESS)
int less;
#else
int nothing;
#endif
