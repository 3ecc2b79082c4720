/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Readers: WAV files, arrays of NumPy and archives in memory, without a decoder, in place where the
 * values allow it.
 *
 * A buffer in place points into the borrowed memory and keeps it; it has SPDL_BUFFER_READONLY unless
 * the memory was lent with SPDL_MEMORY_WRITABLE. Its `data` has any alignment.
 */
#ifndef SPDL_READERS_H
#define SPDL_READERS_H

#include "buffer.h"
#include "packets.h"
#include "queue.h"
#include "source.h"

SPDL_BEGIN_DECLS

/** The header of a WAV file. */
typedef struct spdl_wav_info {
  uint32_t struct_size;       /**< `sizeof(spdl_wav_info)`, set by the caller. */
  uint32_t audio_format;      /**< As it is written: 1 integers, 3 floats, 6 A-law, 7 mu-law, 0xfffe
                                   WAVE_EXTENSIBLE. */
  uint32_t sub_format;        /**< Of WAVE_EXTENSIBLE: what its GUID says; else `audio_format`. */
  uint32_t num_channels;      /**< At least 1. */
  uint32_t sample_rate;       /**< In Hz, 1 to INT32_MAX. */
  uint32_t byte_rate;         /**< Bytes per second, as it is written. */
  uint32_t block_align;       /**< Bytes of one sample of all channels. */
  uint32_t bits_per_sample;
  uint64_t data_offset;       /**< Of the first sample, in bytes. */
  uint64_t data_size;         /**< Of the samples in bytes, as it is written: of RF64 and BW64 in
                                   `ds64`. Of a file written to a pipe: what there is. */
} spdl_wav_info;

/** Read the header of a WAV file: RIFF, RF64 or BW64.
 * @param data the file, or its beginning up to the first sample.
 * @param size in bytes.
 * @return SPDL_OK, SPDL_E_CORRUPT, SPDL_E_UNSUPPORTED (big-endian RIFX, a GUID that is no format
 *   number), SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_wav_parse(const void *data, size_t size, spdl_wav_info *out_info,
                                    spdl_error *err) SPDL_NOEXCEPT;

/** The samples of a WAV file, of shape (samples, channels). In place are 8-bit unsigned, 16 and
 * 32-bit signed integers, 32 and 64-bit floats. Of 24-bit integers there are copies as "<i4" with
 * the value shifted left by 8 bits; of A-law and mu-law, decoded copies as "<i2".
 * @param memory the whole file.
 * @param window may be NULL: everything. Sample k is at k / sample_rate seconds; those in the
 *   half-open window are read. The end of the file ends it earlier.
 * @param limits may be NULL. `max_bytes` counts copies.
 * @return SPDL_OK, SPDL_E_CORRUPT (also a file that is cut short), SPDL_E_UNSUPPORTED (another
 *   coding), SPDL_E_INVALID (also a start at or after the end of the file), SPDL_E_LIMIT,
 *   SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_wav_load(const spdl_memory *memory, const spdl_window *window,
                                   const spdl_limits *limits, spdl_buffer **out_buffer,
                                   spdl_error *err) SPDL_NOEXCEPT;
/** spdl_wav_load() on a queue: completes with SPDL_KIND_BUFFER.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_wav_load_submit(spdl_queue *queue, uint64_t tag,
                                          const spdl_memory *memory, const spdl_window *window,
                                          const spdl_limits *limits,
                                          spdl_error *err) SPDL_NOEXCEPT;

enum {
  SPDL_NPY_COPY = 1           /**< The elements in memory of their own. */
};

/** The header of an array in NumPy's npy format. */
typedef struct spdl_npy_info {
  uint32_t struct_size;       /**< `sizeof(spdl_npy_info)`, set by the caller. */
  uint32_t item_size;         /**< Bytes per element. */
  uint32_t fortran_order;     /**< 1 if the first dimension is the one that varies fastest, else 0. */
  uint32_t num_dims;          /**< 0 to 64. */
  int64_t shape[64];          /**< In elements; unused entries are 0. */
  uint64_t data_offset;       /**< Of the first element, in bytes. */
  uint64_t data_size;         /**< Of the elements, in bytes. */
  char typestr[32];           /**< Element type as in NumPy's array interface: "<f4", "<M8[ns]". */
} spdl_npy_info;

/** Read the header of an array, and check that its elements are there.
 * @param data the array in versions 1.0 to 3.0 of the format; what follows it is not looked at.
 * @param size in bytes.
 * @return SPDL_OK, SPDL_E_CORRUPT, SPDL_E_UNSUPPORTED (Python objects, structured types),
 *   SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_npy_parse(const void *data, size_t size, spdl_npy_info *out_info,
                                    spdl_error *err) SPDL_NOEXCEPT;

/** The elements of an array as bytes: a buffer of shape (data_size,) and type "|u1", in place or
 * copied. spdl_npy_parse() says what they are.
 * @param memory as spdl_npy_parse().
 * @param flags SPDL_NPY_*.
 * @param limits may be NULL. `max_bytes` counts copies.
 * @return as spdl_npy_parse(), and SPDL_E_LIMIT, SPDL_E_DEADLINE, SPDL_E_CANCELLED.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_npy_load(const spdl_memory *memory, uint32_t flags,
                                   const spdl_limits *limits, spdl_buffer **out_buffer,
                                   spdl_error *err) SPDL_NOEXCEPT;
/** spdl_npy_load() on a queue: completes with SPDL_KIND_BUFFER.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_npy_load_submit(spdl_queue *queue, uint64_t tag,
                                          const spdl_memory *memory, uint32_t flags,
                                          const spdl_limits *limits,
                                          spdl_error *err) SPDL_NOEXCEPT;

/** A zip archive in memory, which it keeps. A value. All members lie inside of the memory and do not
 * overlap. */
typedef struct spdl_zip spdl_zip;

typedef struct spdl_zip_options {
  uint32_t struct_size;       /**< `sizeof(spdl_zip_options)`. */
  uint32_t flags;             /**< 0. */
  int64_t max_uncompressed_bytes; /**< Of all deflated members together, as the archive says;
                                       0: 2^30. */
} spdl_zip_options;

/** Read the directory of a zip archive, zip64 included.
 * @param options may be NULL.
 * @param limits may be NULL.
 * @return SPDL_OK, SPDL_E_CORRUPT, SPDL_E_LIMIT (max_uncompressed_bytes), SPDL_E_DEADLINE,
 *   SPDL_E_CANCELLED, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_zip_open(const spdl_memory *memory, const spdl_zip_options *options,
                                   const spdl_limits *limits, spdl_zip **out_zip,
                                   spdl_error *err) SPDL_NOEXCEPT;
/** spdl_zip_open() on a queue: completes with SPDL_KIND_ZIP.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_zip_open_submit(spdl_queue *queue, uint64_t tag,
                                          const spdl_memory *memory,
                                          const spdl_zip_options *options,
                                          const spdl_limits *limits,
                                          spdl_error *err) SPDL_NOEXCEPT;

typedef struct spdl_zip_info {
  uint32_t struct_size;       /**< `sizeof(spdl_zip_info)`, set by the caller. */
  uint32_t flags;             /**< 0. */
  uint64_t num_members;
} spdl_zip_info;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_zip_get_info(const spdl_zip *zip, spdl_zip_info *out_info,
                                       spdl_error *err) SPDL_NOEXCEPT;

enum {
  SPDL_ZIP_UTF8 = 1,          /**< The name is UTF-8, else in code page 437. */
  SPDL_ZIP_ENCRYPTED = 2      /**< It cannot be read. */
};

typedef struct spdl_zip_member_info {
  uint32_t struct_size;       /**< `sizeof(spdl_zip_member_info)`, set by the caller. */
  uint32_t flags;             /**< SPDL_ZIP_*. */
  const char *name;           /**< Lives as long as the handle; may hold null characters. */
  uint64_t name_size;         /**< In bytes. */
  uint64_t size;              /**< In bytes, uncompressed. */
  uint64_t stored_size;       /**< In bytes, in the archive. */
  uint64_t data_offset;       /**< Of those, in the archive. */
  uint32_t method;            /**< 0: stored; 8: deflated; others cannot be read. */
  uint32_t crc;               /**< CRC-32 of the uncompressed bytes. */
} spdl_zip_member_info;

/** @param index 0 to `num_members` - 1, in the order of the directory.
 * @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_zip_get_member_info(const spdl_zip *zip, uint64_t index,
                                              spdl_zip_member_info *out_info,
                                              spdl_error *err) SPDL_NOEXCEPT;

/** The bytes of a member: a buffer of shape (size,) and type "|u1", in place if it is stored. The
 * checksum is compared; of a stored member the first time only.
 * @param index as above.
 * @param limits may be NULL. `max_bytes` counts what is inflated.
 * @return SPDL_OK, SPDL_E_CORRUPT, SPDL_E_UNSUPPORTED (encrypted, another method), SPDL_E_LIMIT,
 *   SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_zip_read(const spdl_zip *zip, uint64_t index, const spdl_limits *limits,
                                   spdl_buffer **out_buffer, spdl_error *err) SPDL_NOEXCEPT;
/** spdl_zip_read() on a queue: completes with SPDL_KIND_BUFFER.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_zip_read_submit(spdl_queue *queue, uint64_t tag, const spdl_zip *zip,
                                          uint64_t index, const spdl_limits *limits,
                                          spdl_error *err) SPDL_NOEXCEPT;

/** End a handle.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_zip_free(spdl_zip *zip) SPDL_NOEXCEPT;

enum {
  SPDL_TAR_END = 0,           /**< The archive ends here. */
  SPDL_TAR_MEMBER = 1,
  SPDL_TAR_MORE = 2           /**< More bytes are needed to tell. */
};

/** One step through a tar archive. All offsets count from the given bytes. */
typedef struct spdl_tar_info {
  uint32_t struct_size;       /**< `sizeof(spdl_tar_info)`, set by the caller. */
  uint32_t kind;              /**< SPDL_TAR_*. The others are set for a member only, but `needed`. */
  uint32_t is_file;           /**< 1 for a regular file, else 0. */
  uint32_t flags;             /**< 0. */
  uint64_t needed;            /**< Of SPDL_TAR_MORE: how many bytes are needed in all. */
  uint64_t name_offset;       /**< Of the name; it is not terminated. */
  uint64_t name_size;         /**< In bytes. */
  uint64_t prefix_offset;     /**< Of what stands in front of the name, with a "/" between. */
  uint64_t prefix_size;       /**< In bytes; 0: nothing does, nor a "/". */
  uint64_t data_offset;       /**< Of its first byte. This and the next may be past the end of the
                                   given bytes: the caller compares. */
  uint64_t data_size;         /**< In bytes. */
  uint64_t next_offset;       /**< Where the next step begins. */
} spdl_tar_info;

/** Read the headers of the next member of a tar archive (ustar, GNU, PAX).
 * @param data the archive from the start, or from the `next_offset` of the step before, on. If
 *   SPDL_TAR_MORE comes at the end of an archive, it ends without its end mark if `size` is 0, and is
 *   cut short otherwise.
 * @param size in bytes.
 * @return SPDL_OK, SPDL_E_CORRUPT, SPDL_E_UNSUPPORTED (sparse files), SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_tar_parse(const void *data, size_t size, spdl_tar_info *out_info,
                                    spdl_error *err) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_READERS_H */
