/* As it was before prototypes, and what does not parse. */
extern char *copy();

int add(a, b)
  int a;
  char *b;
{
  return a + copy(b);
}

main()
{
  return add(1, "x");
}

void broken(int x {
  add(x, 0);
}
