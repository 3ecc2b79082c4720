/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/source.h, borrowed memory: each tag comes back exactly once, when its handle is freed and
 * nothing inside the library refers to the memory any more, never before. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

/* Whether two more lookups find that a tag has not come back. */
static void check_still_lent(void) {
  check_no_tag_released();
  check_sleep_ms(5);
  check_no_tag_released();
}

static void comes_back_once(void) {
  char bytes[8] = "content";
  spdl_memory *memory = NULL;
  CHECK_OK(spdl_memory_borrow(bytes, sizeof(bytes), 0, UINT64_MAX, &memory, ERR));
  check_still_lent();
  spdl_memory_free(memory);
  uint64_t tag = 0;
  CHECK_EQ(spdl_released_drain(&tag, 1), 1);
  CHECK(tag == UINT64_MAX);
  check_no_tag_released();
  CHECK_STRING(bytes, "content");
}

static void empty_memory(void) {
  spdl_memory *memory = NULL;
  spdl_source *source = NULL;
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_memory_borrow(NULL, 0, 0, 0, &memory, ERR));
  CHECK_OK(spdl_source_from_memory(memory, "nothing", &source, ERR));
  CHECK_ERROR(SPDL_E_CORRUPT, "Failed to open the input: <Bytes: 0x0> (",
              spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, ERR));
  spdl_memory_free(memory);
  check_still_lent();
  spdl_source_free(source);
  check_tag_released(0);
}

/* More tags than the caller has room for: the rest stays for the next call. */
static void drain_in_parts(void) {
  char bytes[10];
  for (uint64_t i = 0; i < 10; ++i) {
    spdl_memory *memory = NULL;
    CHECK_OK(spdl_memory_borrow(&bytes[i], 1, 0, 1000 + i, &memory, ERR));
    spdl_memory_free(memory);
  }
  uint64_t tags[12] = {0};
  unsigned seen = 0;
  CHECK_EQ(spdl_released_drain(tags, 0), 0);
  CHECK_EQ(spdl_released_drain(tags, 4), 4);
  CHECK_EQ(spdl_released_drain(tags + 4, 8), 6);
  for (int i = 0; i < 10; ++i) seen |= 1u << (tags[i] - 1000);
  CHECK_EQ(seen, 0x3ff);
}

enum { NUM_THREADS = 4, TAGS_PER_THREAD = 500 };

static void *borrow_and_free(void *first_tag) {
  static const char bytes[16];
  for (uint64_t i = 0; i < TAGS_PER_THREAD; ++i) {
    spdl_memory *memory = NULL;
    if (spdl_memory_borrow(bytes, sizeof(bytes), 0, *(uint64_t *)first_tag + i, &memory, NULL) !=
        SPDL_OK)
      return "cannot borrow";
    spdl_memory_free(memory);
  }
  return NULL;
}

static void drain_while_four_threads_release(void) {
  pthread_t threads[NUM_THREADS];
  uint64_t first_tags[NUM_THREADS];
  unsigned char seen[NUM_THREADS * TAGS_PER_THREAD] = {0};
  for (size_t i = 0; i < NUM_THREADS; ++i) {
    first_tags[i] = i * TAGS_PER_THREAD;
    CHECK_EQ(pthread_create(&threads[i], NULL, borrow_and_free, &first_tags[i]), 0);
  }
  const int64_t end = check_now_ns() + PATIENCE;
  for (size_t count = 0; count < sizeof(seen);) {
    uint64_t tags[7];
    const size_t num = spdl_released_drain(tags, 7);
    for (size_t i = 0; i < num; ++i) CHECK(tags[i] < sizeof(seen) && seen[tags[i]]++ == 0);
    count += num;
    CHECK(check_now_ns() < end);
  }
  for (size_t i = 0; i < NUM_THREADS; ++i) {
    void *problem = NULL;
    pthread_join(threads[i], &problem);
    CHECK(problem == NULL);
  }
}

static void kept_by_source_and_demuxer(void) {
  media_bytes picture = media_make_ppm(16, 8);
  spdl_memory *memory = NULL;
  spdl_source *source = NULL;
  spdl_demuxer *demuxer = NULL;
  CHECK_OK(spdl_memory_borrow(picture.data, picture.size, 0, 7, &memory, ERR));
  CHECK_OK(spdl_source_from_memory(memory, NULL, &source, ERR));
  spdl_memory_free(memory);
  check_still_lent();
  CHECK_OK(spdl_demuxer_open(source, NULL, NULL, &demuxer, ERR));
  spdl_source_free(source);
  check_still_lent();
  spdl_packets *packets = NULL;
  CHECK_OK(spdl_demuxer_demux(demuxer, SPDL_MEDIA_IMAGE, NULL, NULL, &packets, ERR));
  spdl_demuxer_free(demuxer);
  spdl_packets_free(packets);
  check_tag_released(7);
  media_free(&picture);
}

static void freed_before_the_job_starts(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  media_bytes picture = media_make_ppm(16, 8);
  job_gate gate = job_gate_submit(queue, 1);
  job_gate_wait_running(&gate);
  spdl_source *source = media_open_bytes(&picture, 8);
  CHECK_OK(spdl_source_load_submit(queue, 2, source, SPDL_MEDIA_IMAGE, NULL, NULL, ERR));
  spdl_source_free(source);
  check_still_lent();
  job_gate_open(&gate);
  job_expect(queue, 1, SPDL_OK);
  job_expect(queue, 2, SPDL_OK);
  check_tag_released(8);
  job_gate_free(&gate);
  media_free(&picture);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

static void job_cancelled_before_it_starts(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  media_bytes picture = media_make_ppm(16, 8);
  job_gate gate = job_gate_submit(queue, 1);
  job_gate_wait_running(&gate);
  spdl_source *source = media_open_bytes(&picture, 9);
  CHECK_OK(spdl_source_load_submit(queue, 2, source, SPDL_MEDIA_IMAGE, NULL, NULL, ERR));
  spdl_source_free(source);
  check_still_lent();
  CHECK_OK(spdl_queue_cancel(queue, 2, ERR));
  job_expect(queue, 2, SPDL_E_CANCELLED);
  check_tag_released(9); /* Although the only worker is still busy. */
  job_gate_open(&gate);
  job_expect(queue, 1, SPDL_OK);
  job_gate_free(&gate);
  media_free(&picture);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

/* The job runs while its queue is freed; the memory comes back when it has ended. */
static void queue_freed_during_the_job(void) {
  media_bytes heavy;
  spdl_packets *packets = job_heavy_packets(4, 10, &heavy);
  spdl_queue *queue = job_queue(NULL, 0);
  media_bytes array = {malloc(64), 64};
  spdl_memory *out = NULL;
  CHECK_OK(spdl_memory_borrow(array.data, array.size, SPDL_MEMORY_WRITABLE, 11, &out, ERR));
  const spdl_decode_options decode = job_heavy_options();
  const spdl_load_options load = {.struct_size = sizeof(load), .decode = &decode, .out = out};
  spdl_source *source = media_open_bytes(&heavy, 12);
  CHECK_OK(spdl_source_load_submit(queue, 1, source, SPDL_MEDIA_VIDEO, &load, NULL, ERR));
  spdl_source_free(source);
  spdl_memory_free(out);
  spdl_packets_free(packets);
  check_sleep_ms(20);
  spdl_queue_free(queue);
  unsigned seen = 0;
  const int64_t end = check_now_ns() + PATIENCE;
  while (seen != 7) {
    uint64_t tag;
    if (spdl_released_drain(&tag, 1) == 1) {
      CHECK(tag >= 10 && tag <= 12 && !(seen & (1u << (tag - 10))));
      seen |= 1u << (tag - 10);
    }
    CHECK(check_now_ns() < end);
  }
  media_free(&array);
  media_free(&heavy);
}

/* The frames of rawvideo point into the packets' memory. */
static void raw_frames_outlive_everything(void) {
  media_bytes file = media_read(RAW_NUT);
  spdl_source *reference_source = media_open(RAW_NUT);
  spdl_buffer *reference = media_load(reference_source, SPDL_MEDIA_VIDEO);
  spdl_source *source = media_open_bytes(&file, 13);
  spdl_packets *packets = media_demux(source, SPDL_MEDIA_VIDEO);
  const spdl_decode_options decode = {.struct_size = sizeof(decode), .filter = SPDL_FILTER_NONE};
  spdl_frames *frames = NULL;
  CHECK_OK(spdl_packets_decode(packets, &decode, NULL, &frames, ERR));
  spdl_source_free(source);
  spdl_packets_free(packets);
  uint64_t tag = 0;
  const int is_back = spdl_released_drain(&tag, 1) == 1;
  if (is_back) { /* Then the frames must not need it. */
    memset(file.data, 0xdd, file.size);
    media_free(&file);
  }
  spdl_buffer *buffer = media_convert(frames);
  media_check_equal(buffer, reference);
  spdl_frames_free(frames);
  media_check_equal(buffer, reference);
  spdl_buffer_free(buffer);
  if (!is_back) {
    check_tag_released(13);
    media_free(&file);
  }
  spdl_buffer_free(reference);
  spdl_source_free(reference_source);
}

/* ---- memory for output ---- */

static void output_keeps_memory(void) {
  media_bytes picture = media_make_ppm(16, 8);
  unsigned char *array = malloc(16 * 8 * 3);
  spdl_memory *out = NULL;
  CHECK_OK(spdl_memory_borrow(array, 16 * 8 * 3, SPDL_MEMORY_WRITABLE, 14, &out, ERR));
  spdl_source *source = media_open_bytes(&picture, 15);
  const spdl_load_options load = {.struct_size = sizeof(load), .out = out};
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_source_load(source, SPDL_MEDIA_IMAGE, &load, NULL, &buffer, ERR));
  spdl_source_free(source);
  check_tag_released(15);
  spdl_memory_free(out);
  check_still_lent();
  CHECK(media_buffer_info(buffer).data == array);
  CHECK_BYTES(array, picture.data + picture.size - 16 * 8 * 3, 16 * 8 * 3);
  spdl_buffer_free(buffer);
  check_tag_released(14);
  free(array);
  media_free(&picture);
}

/* A refused or failed operation keeps nothing. */
static void failed_output_comes_back(void) {
  unsigned char array[16 * 8 * 3];
  const struct {
    uint32_t flags;
    size_t size;
    spdl_status status;
  } rows[] = {
      {0, sizeof(array), SPDL_E_INVALID},
      {SPDL_MEMORY_WRITABLE, sizeof(array) - 1, SPDL_E_MISMATCH},
      {SPDL_MEMORY_WRITABLE, sizeof(array) / 2, SPDL_E_MISMATCH},
  };
  media_bytes picture = media_make_ppm(16, 8);
  spdl_source *source = media_open_bytes(&picture, 17);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    memset(array, 0xee, sizeof(array));
    spdl_memory *out = NULL;
    spdl_buffer *buffer = NULL;
    CHECK_OK(spdl_memory_borrow(array, rows[i].size, rows[i].flags, 16, &out, ERR));
    const spdl_load_options load = {.struct_size = sizeof(load), .out = out};
    CHECK_STATUS(rows[i].status,
                 spdl_source_load(source, SPDL_MEDIA_IMAGE, &load, NULL, &buffer, ERR));
    CHECK(buffer == NULL);
    for (size_t k = 0; k < sizeof(array); ++k) CHECK_EQ(array[k], 0xee);
    spdl_memory_free(out);
    check_tag_released(16);
  }
  spdl_source_free(source);
  check_tag_released(17);
  media_free(&picture);
}

/* ---- what the library may touch ---- */

/* The bytes end where the readable page ends, and no byte may be written: whatever a decoder wants
 * beyond the end must be a copy. */
static void nothing_past_the_end_is_read(void) {
  static const struct {
    const char *name;
    int32_t media;
  } files[] = {{PICTURE_JPG, SPDL_MEDIA_IMAGE}, {PICTURE_PNG, SPDL_MEDIA_IMAGE},
               {RAW_NUT, SPDL_MEDIA_VIDEO},     {VIDEO_MP4, SPDL_MEDIA_VIDEO},
               {TONE_M4A, SPDL_MEDIA_AUDIO},    {HEAVY_H264, SPDL_MEDIA_IMAGE}};
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); ++i) {
    media_bytes file = media_read(files[i].name);
    const size_t room = (file.size + page - 1) / page * page;
    unsigned char *pages =
        mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pages != MAP_FAILED);
    unsigned char *start = pages + room - file.size;
    memcpy(start, file.data, file.size);
    CHECK(mprotect(pages, room, PROT_READ) == 0);
    CHECK(mprotect(pages + room, page, PROT_NONE) == 0);
    const media_bytes view = {start, file.size};
    spdl_source *source = media_open_bytes(&view, 18);
    spdl_source *reference_source = media_open(files[i].name);
    spdl_buffer *buffer = media_load(source, files[i].media);
    spdl_buffer *reference = media_load(reference_source, files[i].media);
    media_check_equal(buffer, reference);
    spdl_source_free(source);
    spdl_source_free(reference_source);
    check_tag_released(18);
    munmap(pages, room + page);
    spdl_buffer_free(buffer);
    spdl_buffer_free(reference);
    media_free(&file);
  }
}

CHECK_MAIN(CHECK_TEST(comes_back_once), CHECK_TEST(empty_memory), CHECK_TEST(drain_in_parts),
           CHECK_TEST(drain_while_four_threads_release), CHECK_TEST(kept_by_source_and_demuxer),
           CHECK_TEST(freed_before_the_job_starts), CHECK_TEST(job_cancelled_before_it_starts),
           CHECK_TEST(queue_freed_during_the_job), CHECK_TEST(raw_frames_outlive_everything),
           CHECK_TEST(output_keeps_memory), CHECK_TEST(failed_output_comes_back),
           CHECK_TEST(nothing_past_the_end_is_read))
