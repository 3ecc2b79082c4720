/* SPDX-License-Identifier: BSD-2-Clause */
/* The bare loop that the benchmark measures by: read a JPEG, decode it, scale it to fit into a
 * square with black bars, as RGB. FFmpeg's contexts are made once and used for all images, which is
 * less than a library can do that must not let one image influence the next.
 *
 * usage: loop SIZE FILE...   prints the mean of the last picture, so that nothing is left out.
 */
#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                        \
    }                                                                 \
  } while (0)

struct fit {
  int x, y, width, height;
};

/* What the filters scale=…:force_original_aspect_ratio=decrease and pad do. */
static struct fit fit_into(int size, int width, int height) {
  struct fit fit = {0, 0, size, size};
  const int by_height = (int)((int64_t)size * width / height);
  const int by_width = (int)((int64_t)size * height / width);
  if (by_height < fit.width) fit.width = by_height;
  if (by_width < fit.height) fit.height = by_width;
  fit.x = (size - fit.width) / 2;
  fit.y = (size - fit.height) / 2;
  return fit;
}

static void read_file(const char *path, AVPacket *packet) {
  FILE *file = fopen(path, "rb");
  CHECK(file);
  CHECK(fseek(file, 0, SEEK_END) == 0);
  const int size = (int)ftell(file);
  rewind(file);
  CHECK(av_new_packet(packet, size) == 0);
  CHECK(fread(packet->data, 1, (size_t)size, file) == (size_t)size);
  fclose(file);
}

static AVCodecContext *open_decoder(void) {
  AVCodecContext *context = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_MJPEG));
  CHECK(context);
  context->thread_count = 1;
  CHECK(avcodec_open2(context, NULL, NULL) == 0);
  return context;
}

/* As the filter scale sets it up: chroma of 4:2:0 lies between two lines. */
static struct SwsContext *make_scaler(const AVFrame *from, const struct fit *to) {
  struct SwsContext *scaler = sws_alloc_context();
  CHECK(scaler);
  av_opt_set_int(scaler, "srcw", from->width, 0);
  av_opt_set_int(scaler, "srch", from->height, 0);
  av_opt_set_int(scaler, "src_format", from->format, 0);
  av_opt_set_int(scaler, "src_range", 1, 0);
  av_opt_set_int(scaler, "src_v_chr_pos", 128, 0);
  av_opt_set_int(scaler, "dstw", to->width, 0);
  av_opt_set_int(scaler, "dsth", to->height, 0);
  av_opt_set_int(scaler, "dst_format", AV_PIX_FMT_RGB24, 0);
  av_opt_set_int(scaler, "sws_flags", SWS_BICUBIC, 0);
  CHECK(sws_init_context(scaler, NULL, NULL) >= 0);
  return scaler;
}

int main(int argc, char **argv) {
  CHECK(argc > 2);
  av_log_set_level(AV_LOG_ERROR);
  const int size = atoi(argv[1]);
  const size_t item = (size_t)size * (size_t)size * 3;
  uint8_t *batch = malloc(item * 32);
  AVCodecContext *decoder = open_decoder();
  AVPacket *packet = av_packet_alloc();
  AVFrame *frame = av_frame_alloc();
  struct SwsContext *scaler = NULL;
  CHECK(batch && packet && frame);

  uint8_t *slot = batch;
  for (int i = 2; i < argc; ++i) {
    read_file(argv[i], packet);
    CHECK(avcodec_send_packet(decoder, packet) == 0);
    CHECK(avcodec_receive_frame(decoder, frame) == 0);
    av_packet_unref(packet);
    const struct fit fit = fit_into(size, frame->width, frame->height);
    if (!scaler) scaler = make_scaler(frame, &fit); /* All files have one size. */
    slot = batch + item * (size_t)((i - 2) % 32);
    memset(slot, 0, item);
    const int stride = size * 3;
    uint8_t *planes[4] = {slot + fit.y * stride + fit.x * 3};
    const int strides[4] = {stride};
    sws_scale(scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height,
              planes, strides);
    av_frame_unref(frame);
  }
  uint64_t sum = 0;
  for (size_t i = 0; i < item; ++i) sum += slot[i];
  printf("%.3f\n", (double)sum / (double)item);

  sws_freeContext(scaler);
  av_frame_free(&frame);
  av_packet_free(&packet);
  avcodec_free_context(&decoder);
  free(batch);
  return 0;
}
