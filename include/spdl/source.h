/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Sources: where encoded bytes come from.
 *
 * A source says where the bytes are; making one does no I/O. Paths, URLs and memory are values: one
 * source may serve any number of operations on any threads at a time. A fed source is a machine:
 * it serves one operation, whose requests the caller answers.
 */
#ifndef SPDL_SOURCE_H
#define SPDL_SOURCE_H

#include "types.h"

SPDL_BEGIN_DECLS

typedef struct spdl_memory spdl_memory;
typedef struct spdl_source spdl_source;

enum {
  SPDL_MEMORY_WRITABLE = 1    /**< The library may write: needed for memory that takes output. */
};

/** Lend memory to the library. It must stay in place, and unchanged by others, until `tag` comes out
 * of spdl_released_drain(), which happens exactly once: after the handle is freed and nothing in
 * the library refers to the memory any more.
 * @param data may be NULL if `size` is 0.
 * @param size in bytes.
 * @param flags SPDL_MEMORY_*.
 * @param tag chosen by the caller, who keeps the memory's owner under it.
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_memory_borrow(const void *data, size_t size, uint32_t flags,
                                        uint64_t tag, spdl_memory **out_memory,
                                        spdl_error *err) SPDL_NOEXCEPT;

/** End a handle; the memory is released when its last user inside the library ends.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_memory_free(spdl_memory *memory) SPDL_NOEXCEPT;

/** Take the tags of memory that came back. Each tag comes out once, in the process that drains.
 * When the list turns non-empty, the fds of all live queues (spdl_queue_get_fd()) become readable.
 * @param out_tags room for `num_tags` tags.
 * @return the number of tags written; fewer than `num_tags` means that none is left.
 * @threads safe. @since 0.1 */
SPDL_API size_t spdl_released_drain(uint64_t *out_tags, size_t num_tags) SPDL_NOEXCEPT;

/** A local file, FIFO or device. The path is taken as it is: no pattern, protocol or list.
 * @param path bytes of the file system.
 * @param name what messages call it; NULL: the path.
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_source_from_path(const char *path, const char *name,
                                           spdl_source **out_source, spdl_error *err) SPDL_NOEXCEPT;

/** Anything that FFmpeg's protocols open.
 * @param url with its scheme, as in "https://…".
 * @param name what messages call it; NULL: the URL.
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_source_from_url(const char *url, const char *name,
                                          spdl_source **out_source, spdl_error *err) SPDL_NOEXCEPT;

/** Encoded bytes in borrowed memory, read in place.
 * @param name what messages call it; NULL: `<Bytes: 0xADDRESS>`.
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_source_from_memory(const spdl_memory *memory, const char *name,
                                             spdl_source **out_source,
                                             spdl_error *err) SPDL_NOEXCEPT;

/** A source whose bytes the caller feeds. One operation may use it; while that runs (submitted, or
 * blocking on another thread), the caller loops over spdl_source_feed_wait() and
 * spdl_source_feed_put() until the wait answers SPDL_EOF.
 * @param size in bytes; -1: unknown and not seekable, fed from start to end.
 * @param name what messages call it; NULL: `<Fed source>`.
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_source_from_feed(int64_t size, const char *name,
                                           spdl_source **out_source, spdl_error *err) SPDL_NOEXCEPT;

/** What a fed source wants next. */
typedef struct spdl_feed_request {
  uint32_t struct_size;       /**< `sizeof(spdl_feed_request)`, set by the caller. */
  uint32_t flags;             /**< 0. */
  int64_t offset;             /**< Of the first byte wanted. */
  int64_t size;               /**< Bytes wanted at most. */
} spdl_feed_request;

/** Wait for the next request of a fed source.
 * @param timeout_ns 0: look once; < 0: no limit.
 * @return SPDL_OK (answer it with spdl_source_feed_put()), SPDL_AGAIN (timeout), SPDL_EOF (the
 *   operation is done with this source; nothing more is wanted), SPDL_E_INVALID (not a fed source).
 * @threads safe; one thread at a time should serve a source. @since 0.1 */
SPDL_API spdl_status spdl_source_feed_wait(spdl_source *source, int64_t timeout_ns,
                                           spdl_feed_request *out_request,
                                           spdl_error *err) SPDL_NOEXCEPT;

/** Answer the request that spdl_source_feed_wait() gave last, with bytes from its offset on. They are
 * copied.
 * @param data `size` bytes; may be NULL if `size` is 0, which means end of file.
 * @param size at most what was requested.
 * @param failure 0, or a positive errno: reading failed, and so does the operation.
 * @return SPDL_OK, SPDL_EOF (nobody waits any more), SPDL_E_INVALID (too many bytes; or no request
 *   is open: a demuxer withdraws one when its operation ends before the answer comes. Then wait for
 *   the next one).
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_source_feed_put(spdl_source *source, const void *data, size_t size,
                                          int32_t failure, spdl_error *err) SPDL_NOEXCEPT;

enum {
  SPDL_SOURCE_OVER = 1        /**< It is fed, and nothing more is wanted of it. */
};

/** What a source is. */
typedef struct spdl_source_info {
  uint32_t struct_size;       /**< `sizeof(spdl_source_info)`, set by the caller. */
  uint32_t flags;             /**< SPDL_SOURCE_*. */
  const char *name;           /**< Lives as long as the handle. */
} spdl_source_info;

/** Say what a source is. Once the operation on a fed source has ended, that is over; so it is in a
 * forked child.
 * @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_source_get_info(const spdl_source *source, spdl_source_info *out_info,
                                          spdl_error *err) SPDL_NOEXCEPT;

/** End a handle. A fed source whose feeder frees its handle fails its operation with SPDL_E_IO.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_source_free(spdl_source *source) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_SOURCE_H */
