#include "list.h"

int other(void);

int main(void) {
  entry_t head = {0};
  list_add(&head, 1);
  return list_sum(&head) + other();
}
