/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * What every other header uses: statuses, errors, options and limits.
 *
 * General rules, stated once:
 *
 * - Strings are NUL-terminated UTF-8. Options and strings need to live only until the call returns.
 * - A struct that begins with `struct_size` is set up by the caller with its own `sizeof`. A smaller
 *   struct than the library's counts as filled up with zeros; a larger one must hold zeros there.
 *   After `struct_size`, all-zero means default. A NULL options pointer means all defaults.
 * - On any status but SPDL_OK the out-parameters are untouched and nothing changed hands.
 * - Handles made by `out_*` parameters belong to the caller, who ends them with `spdl_<noun>_free`,
 *   in any order and on any thread. `_free(NULL)` does nothing. What still needs a freed handle's
 *   contents keeps them alive inside the library.
 */
#ifndef SPDL_TYPES_H
#define SPDL_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "abi.h"

SPDL_BEGIN_DECLS

/** Result of a call: 0 is success, positive an expected non-failure, negative an error. */
typedef int32_t spdl_status;

enum {
  SPDL_OK = 0,                /**< Done. */
  SPDL_EOF = 1,               /**< Nothing more will come. */
  SPDL_AGAIN = 2,             /**< Not now: nothing is ready, or there is no room. */
  SPDL_E_INVALID = -1,        /**< An argument is out of its range. */
  SPDL_E_NOT_FOUND = -2,      /**< The source does not exist. */
  SPDL_E_IO = -3,             /**< The source exists but cannot be read. */
  SPDL_E_NO_STREAM = -4,      /**< The source has no stream of the wanted kind. */
  SPDL_E_CORRUPT = -5,        /**< The data is damaged, empty or of no known format. */
  SPDL_E_UNSUPPORTED = -6,    /**< This build, machine or library cannot do it. */
  SPDL_E_OPTION = -7,         /**< An option of a demuxer or decoder is unknown or refused. */
  SPDL_E_FILTER = -8,         /**< A filter description is wrong, or its graph failed. */
  SPDL_E_MISMATCH = -9,       /**< The items of a batch disagree, or the output does not fit. */
  SPDL_E_LIMIT = -10,         /**< A limit of spdl_limits was passed. */
  SPDL_E_DEADLINE = -11,      /**< The time of spdl_limits was over. */
  SPDL_E_CANCELLED = -12,     /**< The operation was cancelled. */
  SPDL_E_BUSY = -13,          /**< Another thread uses this machine (demuxer, …) right now, or a
                                   buffer lies in this storage. */
  SPDL_E_MEMORY = -14,        /**< Out of memory. */
  SPDL_E_FORKED = -15,        /**< The handle belongs to the parent of this process. */
  SPDL_E_BATCH = -16,         /**< Some items of a batch failed. */
  SPDL_E_INTERNAL = -17       /**< A bug in this library. */
};

/** The stage of loading at which an error arose: `spdl_error.origin`. */
enum {
  SPDL_ORIGIN_NONE = 0,
  SPDL_ORIGIN_LIBRARY = 1,
  SPDL_ORIGIN_SOURCE = 2,
  SPDL_ORIGIN_DEMUX = 3,
  SPDL_ORIGIN_PACKETS = 4,
  SPDL_ORIGIN_DECODE = 5,
  SPDL_ORIGIN_FRAMES = 6,
  SPDL_ORIGIN_FILTER = 7,
  SPDL_ORIGIN_CONVERT = 8,
  SPDL_ORIGIN_BUFFER = 9,
  SPDL_ORIGIN_LOAD = 10,
  SPDL_ORIGIN_QUEUE = 11,
  SPDL_ORIGIN_READERS = 12,
  SPDL_ORIGIN_ENCODE = 13,
  SPDL_ORIGIN_MUX = 14,
  SPDL_ORIGIN_BSF = 15,
  SPDL_ORIGIN_TRACE = 16
};

/** What is read from a source. */
enum {
  SPDL_MEDIA_NONE = 0,
  SPDL_MEDIA_AUDIO = 1,
  SPDL_MEDIA_VIDEO = 2,
  SPDL_MEDIA_IMAGE = 3        /**< The first frame of the best video stream. */
};

/** Why a call failed, in memory of the caller. Every function takes a pointer to one as its last
 * argument, which may be NULL. It is written only when the status is negative. The message is one
 * sentence that names the source; a source too long for it is shortened in its middle. */
typedef struct spdl_error {
  uint32_t struct_size;       /**< `sizeof(spdl_error)`, set by the caller. */
  spdl_status status;         /**< Same as the returned status. */
  int32_t origin;             /**< SPDL_ORIGIN_*. */
  int32_t native_code;        /**< The AVERROR or negative errno behind it, else 0. */
  int64_t item;               /**< Index in the batch, else -1. */
  int64_t byte_offset;        /**< Position in the source, else -1. */
  double pts;                 /**< Seconds in the source's own clock, else NaN. */
  char message[1000];         /**< NUL-terminated UTF-8. */
} spdl_error;

/** A rational number. `den` > 0. */
typedef struct spdl_rational {
  int64_t num;
  int64_t den;
} spdl_rational;

/** A named option for an FFmpeg demuxer or decoder. */
typedef struct spdl_option {
  const char *name;
  const char *value;
} spdl_option;

/** A name and what belongs to it, given out by the library. */
typedef struct spdl_entry {
  const char *name;
  const char *value;
} spdl_entry;

/** A flag that ends the operations whose limits point to it. */
typedef struct spdl_cancel spdl_cancel;

/** What an operation may take. It is checked between packets and while waiting for input; the work
 * on one packet cannot be interrupted. */
typedef struct spdl_limits {
  uint32_t struct_size;       /**< `sizeof(spdl_limits)`. */
  uint32_t flags;             /**< 0. */
  int64_t timeout_ns;         /**< Time from the call or submission on; 0: no deadline. */
  int64_t max_pixels;         /**< Width × height of one picture; 0: 2^27. */
  int64_t max_bytes;          /**< Of packets, frames or buffer that are held; 0: no limit. */
  int64_t max_frames;         /**< Video frames, or audio samples per channel; 0: no limit. */
  const spdl_cancel *cancel;  /**< May be NULL. */
} spdl_limits;

/** Make a cancel flag.
 * @param out_cancel end it with spdl_cancel_free().
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_cancel_create(spdl_cancel **out_cancel, spdl_error *err) SPDL_NOEXCEPT;

/** Ask every operation whose limits point to this flag to end with SPDL_E_CANCELLED, at most one
 * packet later. It cannot be taken back. NULL does nothing.
 * @threads safe, also from a signal handler. @since 0.1 */
SPDL_API void spdl_cancel_trigger(const spdl_cancel *cancel) SPDL_NOEXCEPT;

/** End a flag. Operations that point to it go on, and can no longer be cancelled by it.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_cancel_free(spdl_cancel *cancel) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_TYPES_H */
