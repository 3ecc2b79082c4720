/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/bsf.h: packets through bitstream filters. */
#include "spdl/bsf.h"

#include "check.h"
#include "jobs.h"
#include "media.h"

static const char annexb[] = "h264_mp4toannexb";
static spdl_packets *packets;
static spdl_codec *codec;

static void make_packets(void) {
  spdl_source *source = media_open(VIDEO_MP4);
  packets = media_demux(source, SPDL_MEDIA_VIDEO);
  spdl_source_free(source);
  CHECK_OK(spdl_packets_get_codec(packets, &codec, ERR));
}

static void free_packets(void) {
  spdl_packets_free(packets);
  spdl_codec_free(codec);
}

static spdl_packets_info info_of(const spdl_packets *some) {
  spdl_packets_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_packets_get_info(some, &info, ERR));
  return info;
}

/* As many packets as before, at the same times, that decode to the same. Frees them. */
static void check_same(spdl_packets *filtered) {
  double times[2][60];
  size_t num[2];
  CHECK_OK(spdl_packets_get_timestamps(packets, 1, times[0], 60, &num[0], ERR));
  CHECK_OK(spdl_packets_get_timestamps(filtered, 1, times[1], 60, &num[1], ERR));
  CHECK_EQ(num[0], num[1]);
  CHECK_BYTES(times[0], times[1], num[0] * sizeof(double));
  CHECK_STRING(info_of(packets).source, info_of(filtered).source);
  CHECK_EQ(info_of(packets).stream_index, info_of(filtered).stream_index);
  CHECK_EQ(info_of(packets).num_in_window, info_of(filtered).num_in_window);
  spdl_frames *frames[] = {media_decode(packets, NULL), media_decode(filtered, NULL)};
  spdl_buffer *buffers[] = {media_convert(frames[0]), media_convert(frames[1])};
  media_check_equal(buffers[0], buffers[1]);
  for (int i = 0; i < 2; ++i) {
    spdl_frames_free(frames[i]);
    spdl_buffer_free(buffers[i]);
  }
  spdl_packets_free(filtered);
}

static void apply(void) {
  make_packets();
  spdl_packets *filtered = NULL;
  CHECK_OK(spdl_packets_apply_bsf(packets, annexb, NULL, &filtered, ERR));
  CHECK(info_of(filtered).num_bytes > info_of(packets).num_bytes); /* Headers came in. */
  check_same(filtered);
  filtered = NULL;
  CHECK_OK(spdl_packets_apply_bsf(packets, "noise=drop=1", NULL, &filtered, ERR));
  CHECK_EQ(info_of(filtered).num_packets, 0);
  spdl_packets_free(filtered);
  free_packets();
}

static void on_a_queue(void) {
  make_packets();
  spdl_queue *queue = job_queue(NULL, 0);
  spdl_source *source = media_open(VIDEO_MP4);
  spdl_demuxer *demuxer = NULL;
  spdl_bsf *bsf = NULL;
  CHECK_OK(spdl_demuxer_open(source, NULL, NULL, &demuxer, ERR));
  CHECK_OK(spdl_bsf_open(codec, annexb, &bsf, ERR));
  CHECK_OK(spdl_packets_apply_bsf_submit(queue, 1, packets, annexb, NULL, ERR));
  CHECK_OK(spdl_bsf_filter_submit(queue, 2, bsf, packets, SPDL_BSF_FLUSH, NULL, ERR));
  CHECK_OK(
      spdl_demuxer_demux_bsf_submit(queue, 3, demuxer, SPDL_MEDIA_VIDEO, NULL, annexb, NULL, ERR));
  CHECK_OK(spdl_source_demux_bsf_submit(queue, 4, source, SPDL_MEDIA_VIDEO, NULL, annexb, NULL,
                                        NULL, ERR));
  for (int i = 0; i < 4; ++i) {
    const job_end end = job_collect(queue);
    CHECK_EQ(end.completion.status, SPDL_OK);
    CHECK_EQ(end.completion.kind, SPDL_KIND_PACKETS);
    check_same(end.completion.result);
  }
  CHECK_OK(spdl_bsf_filter_submit(queue, 5, bsf, NULL, SPDL_BSF_FLUSH, NULL, ERR));
  job_expect(queue, 5, SPDL_EOF);
  spdl_bsf_free(bsf);
  spdl_demuxer_free(demuxer);
  spdl_source_free(source);
  spdl_queue_free(queue);
  free_packets();
}

static void while_demuxing(void) {
  make_packets();
  spdl_source *source = media_open(VIDEO_MP4);
  spdl_demuxer *demuxer = NULL;
  CHECK_OK(spdl_demuxer_open(source, NULL, NULL, &demuxer, ERR));
  spdl_packets *filtered = NULL;
  CHECK_OK(spdl_demuxer_demux_bsf(demuxer, SPDL_MEDIA_VIDEO, NULL, annexb, NULL, &filtered, ERR));
  check_same(filtered);
  filtered = NULL;
  CHECK_OK(
      spdl_source_demux_bsf(source, SPDL_MEDIA_VIDEO, NULL, annexb, NULL, NULL, &filtered, ERR));
  check_same(filtered);
  spdl_demuxer_free(demuxer);
  spdl_source_free(source);
  free_packets();
}

/* A machine: parts of a stream, one after the other, and what it holds back. */
static void in_parts(void) {
  make_packets();
  spdl_bsf *bsf = NULL;
  spdl_packets *filtered = NULL;
  CHECK_OK(spdl_bsf_open(codec, annexb, &bsf, ERR));
  CHECK_STATUS(SPDL_EOF, spdl_bsf_filter(bsf, NULL, SPDL_BSF_FLUSH, NULL, &filtered, ERR));
  CHECK(filtered == NULL);
  for (int i = 0; i < 2; ++i) {
    CHECK_OK(spdl_bsf_filter(bsf, packets, i ? SPDL_BSF_FLUSH : 0, NULL, &filtered, ERR));
    check_same(filtered);
  }
  spdl_bsf_free(bsf);
  free_packets();
}

static void refusals(void) {
  make_packets();
  spdl_bsf *bsf = NULL;
  spdl_packets *none = NULL, *sound = NULL;
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "Unsupported bitstream filter: nothing",
              spdl_bsf_open(codec, "nothing", &bsf, ERR));
  CHECK_EQ(check_last_error()->origin, SPDL_ORIGIN_BSF);
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "does not take h264",
              spdl_bsf_open(codec, "hevc_mp4toannexb", &bsf, ERR));
  CHECK_ERROR(SPDL_E_OPTION, "Failed to parse",
              spdl_bsf_open(codec, "h264_metadata=nothing=1", &bsf, ERR));
  CHECK_STATUS(SPDL_E_OPTION, spdl_bsf_open(codec, "", &bsf, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_bsf_open(NULL, annexb, &bsf, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_bsf_open(codec, NULL, &bsf, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_bsf_open(codec, annexb, NULL, ERR));
  CHECK(bsf == NULL);
  CHECK_OK(spdl_bsf_open(codec, annexb, &bsf, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_bsf_filter(bsf, NULL, 0, NULL, &none, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_bsf_filter(bsf, packets, 2, NULL, &none, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_bsf_filter(NULL, packets, 0, NULL, &none, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_packets_apply_bsf(packets, NULL, NULL, &none, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_packets_apply_bsf(NULL, annexb, NULL, &none, ERR));
  spdl_source *source = media_open(TONE_M4A);
  sound = media_demux(source, SPDL_MEDIA_AUDIO);
  CHECK_ERROR(SPDL_E_MISMATCH, "not of the codec",
              spdl_bsf_filter(bsf, sound, 0, NULL, &none, ERR));
  CHECK_STATUS(SPDL_E_INVALID,
               spdl_source_demux_bsf(source, SPDL_MEDIA_AUDIO, NULL, NULL, NULL, NULL, &none, ERR));
  CHECK_STATUS(SPDL_E_INVALID,
               spdl_demuxer_demux_bsf(NULL, SPDL_MEDIA_AUDIO, NULL, annexb, NULL, &none, ERR));
  const spdl_limits small = {.struct_size = sizeof(small), .max_bytes = 100};
  CHECK_STATUS(SPDL_E_LIMIT, spdl_bsf_filter(bsf, packets, SPDL_BSF_FLUSH, &small, &none, ERR));
  CHECK(none == NULL);
  CHECK_OK(spdl_bsf_filter(bsf, packets, SPDL_BSF_FLUSH, NULL, &none, ERR));
  check_same(none); /* As if nothing had been. */
  spdl_source_free(source);
  spdl_packets_free(sound);
  spdl_bsf_free(bsf);
  free_packets();
}

CHECK_MAIN(CHECK_TEST(apply), CHECK_TEST(on_a_queue), CHECK_TEST(while_demuxing),
           CHECK_TEST(in_parts), CHECK_TEST(refusals))
