/* SPDX-License-Identifier: BSD-2-Clause */
/* The layout that the Python binding assumes is the compiler's. */
#include <stddef.h>
#include <stdio.h>

#include "spdl/spdl.h"

static int num_rows;
static int num_wrong;

static void compare(const char *what, long long binding, long long compiler) {
  ++num_rows;
  if (binding == compiler) return;
  ++num_wrong;
  printf("%s: %lld in the binding, %lld for the compiler\n", what, binding, compiler);
}

#define SIZE(type, size) compare("sizeof(" #type ")", size, (long long)sizeof(type));
#define FIELD(type, field, offset, size)                                                \
  compare("offsetof(" #type ", " #field ")", offset, (long long)offsetof(type, field)); \
  compare("sizeof(" #type "." #field ")", size, (long long)sizeof(((type *)NULL)->field));
#define CONSTANT(name, value) compare(#name, value, name);

int main(void) {
#include "abi_layout.h"
  printf("%d rows, %d wrong\n", num_rows, num_wrong);
  return num_wrong == 0 && num_rows > 200 ? 0 : 1;
}
