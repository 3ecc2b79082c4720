/* SPDX-License-Identifier: BSD-2-Clause */
/* Load an image and print its shape and the mean of its values.
 *
 *   cc load_image.c $(pkg-config --cflags --libs spdl) -o load_image
 *   ./load_image picture.jpg
 */
#include <inttypes.h>
#include <stdio.h>

#include <spdl/spdl.h>

static void print_shape_and_mean(const spdl_buffer_info *info) {
  const uint8_t *values = info->data;
  double sum = 0;
  for (size_t i = 0; i < info->size; ++i) sum += values[i];
  printf("shape (");
  for (uint32_t i = 0; i < info->num_dims; ++i)
    printf(i ? ", %" PRId64 : "%" PRId64, info->shape[i]);
  printf(") %s, mean %.3f\n", info->typestr, sum / (double)info->size);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s IMAGE\n", argv[0]);
    return 2;
  }
  spdl_error err = {.struct_size = sizeof err};
  spdl_source *source = NULL;
  spdl_buffer *buffer = NULL;
  spdl_buffer_info info = {.struct_size = sizeof info};

  /* Without options an image comes as rgb24: (height, width, 3), uint8. */
  spdl_status status = spdl_source_from_path(argv[1], NULL, &source, &err);
  if (status == SPDL_OK)
    status = spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, &err);
  if (status == SPDL_OK) status = spdl_buffer_get_info(buffer, &info, &err);
  if (status == SPDL_OK)
    print_shape_and_mean(&info);
  else
    fprintf(stderr, "%s\n", err.message);

  /* Freeing NULL does nothing. */
  spdl_buffer_free(buffer);
  spdl_source_free(source);
  return status == SPDL_OK ? 0 : 1;
}
