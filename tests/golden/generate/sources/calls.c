#include "shapes.h"

static int depth;

/* Adds what is there. */
static inline int total(const node_t *list, compare by, int sizes[3], ...) {
  int sum = 0, *last = &sum;
  for (const node_t *each = list; each != NULL; each = each->next) {
    if (each->value > LIMIT && by || depth) {
      continue;
    } else if (each->flags) {
      goto done;
    } else {
      sum += each->value;
    }
  }
  switch (sum) {
    case 0:
      return 1;
    default:
      depth++;
  }
done:
  *last = GREATER(sum, depth);
  return list->next->visit ? sizes[0] : by(list, last);
}

int measure(const point *at, int scale) {
  struct later here = {.at = *at};
  point *copy = (point *)malloc(sizeof(point));
  here.at.x = scale;
  copy->y = here.at.y + RED;
  do {
    scale--;
  } while (scale > 0);
  return total(find(NULL, NULL), NULL, (int[]){1, 2, 3});
}

int (*choose(int which))(int) {
  return which ? handler : NULL;
}

int main(void) {
  struct {
    int inner;
  } local;
  typedef point place;
  place spot = {0};
  local.inner = measure(&spot, 2);
  (*choose(1))(local.inner);
  handler(3);
  while (local.inner) {
    local.inner = 0;
  }
  return 0;
}
