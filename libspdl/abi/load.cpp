// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/load.h"

#include "abi/operation.h"
#include "load/batch.h"
#include "load/load.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

// Of a load or of a batch.
Result<load::Fit> read_fit(const auto &from) {
  if (from.width < 0 || from.height < 0) return invalid("A width or height is negative.");
  load::Fit fit{.width = from.width, .height = from.height, .pix_fmt = to_string(from.pix_fmt)};
  switch (from.scale_mode) {
    case SPDL_SCALE_PAD:
      break;
    case SPDL_SCALE_CROP:
      fit.mode = load::ScaleMode::crop;
      break;
    case SPDL_SCALE_STRETCH:
      fit.mode = load::ScaleMode::stretch;
      break;
    default:
      return invalid("The scale mode is none of SPDL_SCALE_*.");
  }
  return fit;
}

Result<void> check_fit(const load::ItemOptions &options) {
  if (!options.fit) return {};
  if (!options.decode.use_default_filter)
    return invalid("There is either a filter or a size and pixel format.");
  if (options.media == ffmpeg::Media::audio)
    return invalid("Audio has neither a size nor a pixel format.");
  return {};
}

Result<load::LoadOptions> read_load_options(const spdl_load_options *from, int32_t media) {
  SPDL_TRY_ASSIGN(const auto kind, read_media(media));
  SPDL_TRY_ASSIGN(const spdl_load_options read, read_struct(from));
  if (read.flags || read.reserved) return invalid("An unknown flag of a load.");
  if (kind == ffmpeg::Media::image && read.window) return invalid("An image has no time window.");
  load::LoadOptions options;
  options.item.media = kind;
  SPDL_TRY_ASSIGN(options.item.demux, read_demux_options(read.demux));
  SPDL_TRY_ASSIGN(options.item.decode, read_decode_options(read.decode));
  SPDL_TRY_ASSIGN(load::Fit fit, read_fit(read));
  if (!fit.is_empty()) options.item.fit = std::move(fit);
  SPDL_TRY(check_fit(options.item));
  SPDL_TRY_ASSIGN(options.window, read_window(read.window));
  SPDL_TRY_ASSIGN(options.out, read_out(read.out));
  return options;
}

Result<std::vector<ffmpeg::Window>> read_windows(const spdl_batch_options &from,
                                                 uint32_t num_sources) {
  std::vector<ffmpeg::Window> windows;
  if (from.num_windows == 0) return windows;
  if (from.media == SPDL_MEDIA_IMAGE || from.media == SPDL_MEDIA_NONE)
    return invalid("An image has no time window.");
  if (from.num_windows != 1 && from.num_windows != num_sources)
    return invalid("There is neither one time window for all sources nor one for each.");
  SPDL_TRY(require(from.windows));
  for (uint32_t i = 0; i < from.num_windows; ++i) {
    SPDL_TRY_ASSIGN(windows.emplace_back(), read_window(from.windows[i]));
  }
  return windows;
}

Result<load::BatchOptions> read_batch_options(const spdl_batch_options *from,
                                              uint32_t num_sources) {
  SPDL_TRY_ASSIGN(const spdl_batch_options read, read_struct(from));
  if (read.flags & ~uint32_t{SPDL_BATCH_SKIP_ERRORS | SPDL_BATCH_PINNED} || read.reserved)
    return invalid("An unknown SPDL_BATCH flag.");
  load::BatchOptions options;
  SPDL_TRY_ASSIGN(options.item.media, read_media(read.media ? read.media : SPDL_MEDIA_IMAGE));
  options.skip_errors = read.flags & SPDL_BATCH_SKIP_ERRORS;
  SPDL_TRY_ASSIGN(options.windows, read_windows(read, num_sources));
  SPDL_TRY_ASSIGN(options.item.demux, read_demux_options(read.demux));
  SPDL_TRY_ASSIGN(options.item.decode, read_decode_options(read.decode));
  SPDL_TRY_ASSIGN(load::Fit fit, read_fit(read));
  const bool is_asked_for = !fit.is_empty() || read.scale_mode != SPDL_SCALE_PAD;
  const bool is_default =
      options.item.decode.use_default_filter && options.item.media != ffmpeg::Media::audio;
  if (is_asked_for || is_default) options.item.fit = std::move(fit);
  SPDL_TRY(check_fit(options.item));
  SPDL_TRY(check_pinned(read.flags & SPDL_BATCH_PINNED, read.out));
  SPDL_TRY_ASSIGN(options.out, read_out(read.out));
  return options;
}

// Not by submit(): the parts of a load end on several workers, and the last one ends the job.
template <class Handle, class Start>
queue::Job::Run shared_job(Start start) {
  return [start = std::move(start)](const std::shared_ptr<queue::Job> &job) mutable {
    const auto done = [job](Outcome<Handle> outcome) {
      job->finish(catch_all([&] { return to_product<Handle>(std::move(outcome)); }));
    };
    auto started = catch_all([&]() -> Result<queue::Product> {
      SPDL_TRY(start(*job, done));
      return queue::Product();
    });
    if (!started) job->finish(std::move(started));
  };
}

}  // namespace

spdl_status spdl_source_load(const spdl_source *source, int32_t media,
                             const spdl_load_options *options, const spdl_limits *limits,
                             spdl_buffer **out_buffer, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    const Ending ending(release(source));
    SPDL_TRY(require(source, out_buffer));
    SPDL_TRY_ASSIGN(const Limits read, read_limits(limits));
    SPDL_TRY_ASSIGN(auto load_options, read_load_options(options, media));
    return hand_over(load::load(source->value, std::move(load_options), read), out_buffer);
  });
}

spdl_status spdl_source_load_submit(spdl_queue *queue, uint64_t tag, const spdl_source *source,
                                    int32_t media, const spdl_load_options *options,
                                    const spdl_limits *limits, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(queue, source));
    const auto to = queue->value;  // the handle may be freed meanwhile
    SPDL_TRY_ASSIGN(Limits read, read_limits(limits));
    SPDL_TRY_ASSIGN(auto load_options, read_load_options(options, media));
    auto start = [from = source->value, load_options = std::move(load_options)](
                     const queue::Job &job, load::LoadDone done) mutable {
      return load::start_load(std::move(from), std::move(load_options), job.limits(), job.pool(),
                              std::move(done));
    };
    return to->submit(tag, std::move(read), shared_job<spdl_buffer>(std::move(start)),
                      release(source));
  });
}

spdl_status spdl_batch_load(const spdl_source *const *sources, uint32_t num_sources,
                            const spdl_batch_options *options, const spdl_limits *limits,
                            spdl_batch **out_batch, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    const Ending ending(release(sources, num_sources));
    SPDL_TRY(require(out_batch));
    SPDL_TRY_ASSIGN(const Limits read, read_limits(limits));
    SPDL_TRY_ASSIGN(auto list, read_list(sources, num_sources));
    SPDL_TRY_ASSIGN(auto batch_options, read_batch_options(options, num_sources));
    return hand_over(load::load_batch(std::move(list), std::move(batch_options), read), out_batch);
  });
}

spdl_status spdl_batch_load_submit(spdl_queue *queue, uint64_t tag,
                                   const spdl_source *const *sources, uint32_t num_sources,
                                   const spdl_batch_options *options, const spdl_limits *limits,
                                   spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(queue));
    const auto to = queue->value;  // the handle may be freed meanwhile
    SPDL_TRY_ASSIGN(Limits read, read_limits(limits));
    SPDL_TRY_ASSIGN(auto list, read_list(sources, num_sources));
    SPDL_TRY_ASSIGN(auto batch_options, read_batch_options(options, num_sources));
    auto at_end = release(list);
    auto start = [list = std::move(list), options = std::move(batch_options)](
                     const queue::Job &job, load::BatchDone done) mutable {
      return load::start_batch(std::move(list), std::move(options), job.limits(), job.pool(),
                               std::move(done));
    };
    return to->submit(tag, std::move(read), shared_job<spdl_batch>(std::move(start)),
                      std::move(at_end));
  });
}

spdl_status spdl_batch_get_info(const spdl_batch *batch, spdl_batch_info *out_info,
                                spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(batch));
    const load::Batch &value = *batch->value;
    spdl_batch_info info{};
    info.num_loaded = static_cast<uint32_t>(value.indices.size());
    info.num_failed = static_cast<uint32_t>(value.failures.size());
    info.num_sources = info.num_loaded + info.num_failed;
    info.indices = value.indices.data();
    return write_struct(out_info, info);
  });
}

spdl_status spdl_batch_get_buffer(const spdl_batch *batch, spdl_buffer **out_buffer,
                                  spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(batch, out_buffer));
    if (!batch->value->buffer)
      return Error{Status::eof, Origin::load, "Nothing of the batch was loaded."};
    *out_buffer = new spdl_buffer(batch->value->buffer);
    return {};
  });
}

spdl_status spdl_batch_get_failure(const spdl_batch *batch, uint32_t index, spdl_error *out_failure,
                                   spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(batch, out_failure));
    SPDL_TRY(check_struct(out_failure, sizeof(spdl_error)));
    const auto &failures = batch->value->failures;
    if (index >= failures.size()) return invalid("The batch has no failure of this index.");
    report(failures[index], out_failure);
    return {};
  });
}

void spdl_batch_free(spdl_batch *batch) noexcept { delete batch; }
