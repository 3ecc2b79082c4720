// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/source.h"

#include "abi/boundary.h"
#include "abi/handle.h"
#include "abi/options.h"
#include "base/released.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

Result<void> make_source(decltype(ffmpeg::Source::where) where, const char *name,
                         spdl_source **out) {
  SPDL_TRY(require(out));
  *out = new spdl_source(std::make_shared<const ffmpeg::Source>(std::move(where), to_string(name)));
  return {};
}

Result<ffmpeg::FeedPtr> feed_of(const spdl_source *source) {
  SPDL_TRY(require(source));
  if (const auto *feed = std::get_if<ffmpeg::FeedPtr>(&source->value->where)) return *feed;
  return invalid("This source is not fed.");
}

}  // namespace

spdl_status spdl_memory_borrow(const void *data, size_t size, uint32_t flags, uint64_t tag,
                               spdl_memory **out_memory, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(out_memory));
    if (size > 0) SPDL_TRY(require(data));
    if (size > PTRDIFF_MAX) return invalid("The memory is larger than memory can be.");
    if (flags & ~uint32_t{SPDL_MEMORY_WRITABLE}) return invalid("An unknown SPDL_MEMORY flag.");
    // The handle first: once the memory is made, its tag comes back.
    auto handle = std::make_unique<spdl_memory>(nullptr);
    handle->value = std::make_shared<const buffer::Memory>(
        const_cast<void *>(data), size, (flags & SPDL_MEMORY_WRITABLE) != 0, tag);
    *out_memory = handle.release();
    return {};
  });
}

void spdl_memory_free(spdl_memory *memory) noexcept { delete memory; }

size_t spdl_released_drain(uint64_t *out_tags, size_t num_tags) noexcept {
  return out_tags ? drain_released({out_tags, num_tags}) : 0;
}

spdl_status spdl_source_from_path(const char *path, const char *name, spdl_source **out_source,
                                  spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(path));
    return make_source(ffmpeg::Path{path}, name, out_source);
  });
}

spdl_status spdl_source_from_url(const char *url, const char *name, spdl_source **out_source,
                                 spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(url));
    return make_source(ffmpeg::Url{url}, name, out_source);
  });
}

spdl_status spdl_source_from_memory(const spdl_memory *memory, const char *name,
                                    spdl_source **out_source, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY_ASSIGN(auto data, read_data(memory));
    return make_source(std::move(data), name, out_source);
  });
}

spdl_status spdl_source_from_feed(int64_t size, const char *name, spdl_source **out_source,
                                  spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    if (size < -1) return invalid("The size of a fed source is negative.");
    return make_source(std::make_shared<ffmpeg::Feed>(size), name, out_source);
  });
}

spdl_status spdl_source_feed_wait(spdl_source *source, int64_t timeout_ns,
                                  spdl_feed_request *out_request, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(out_request));
    SPDL_TRY_ASSIGN(const auto feed, feed_of(source));
    SPDL_TRY_ASSIGN(const auto request, feed->wait(timeout_ns));
    spdl_feed_request out{};
    out.offset = request.offset;
    out.size = request.size;
    return write_struct(out_request, out);
  });
}

spdl_status spdl_source_feed_put(spdl_source *source, const void *data, size_t size,
                                 int32_t failure, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    if (size > 0) SPDL_TRY(require(data));
    SPDL_TRY_ASSIGN(const auto feed, feed_of(source));
    return feed->put({static_cast<const uint8_t *>(data), size}, failure);
  });
}

spdl_status spdl_source_get_info(const spdl_source *source, spdl_source_info *out_info,
                                 spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(source));
    spdl_source_info info{};
    info.name = source->value->name.c_str();
    const auto *feed = std::get_if<ffmpeg::FeedPtr>(&source->value->where);
    if (feed && (*feed)->is_over()) info.flags |= SPDL_SOURCE_OVER;
    return write_struct(out_info, info);
  });
}

void spdl_source_free(spdl_source *source) noexcept {
  if (!source) return;
  if (const auto *feed = std::get_if<ffmpeg::FeedPtr>(&source->value->where)) (*feed)->hang_up();
  delete source;
}
