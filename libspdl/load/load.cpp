// SPDX-License-Identifier: BSD-2-Clause
#include "load/load.h"

#include <future>

#include "base/trace.h"
#include "ffmpeg/convert.h"
#include "load/fast.h"
#include "load/split_video.h"
#include "load/wav.h"

namespace spdl::load {
namespace {

// On this thread alone. What was borrowed has come back when this returns.
Result<buffer::BufferPtr> write_item(ItemPtr item, LoadOptions options, const std::string &name,
                                     const Limits &limits) {
  SPDL_TRY(limits.check(Origin::convert, name));
  SPDL_TRY(limits.check_bytes(Origin::convert, item->form.layout.size(), name));
  SPDL_TRY_ASSIGN(auto storage, buffer::Storage::make(options.out, item->form.layout));
  auto made = std::make_shared<buffer::Buffer>(
      ffmpeg::make_buffer(std::move(storage), item->form, std::nullopt));
  SPDL_TRY(item->write(made->storage.data(), limits));
  made->pts = std::move(item->about.pts);
  made->num_corrupt = item->about.num_corrupt;
  made->backend = item->about.backend;
  return made;
}

Result<buffer::BufferPtr> load_packets(ffmpeg::PacketsPtr packets, LoadOptions options,
                                       const Limits &limits) {
  SPDL_TRY_ASSIGN(auto item, load_item(*packets, options.item, limits));
  return write_item(std::move(item), std::move(options), packets->source, limits);
}

// The packets did not keep their promise.
LoadDone or_load_packets(ffmpeg::PacketsPtr packets, LoadOptions options, const Limits &limits,
                         LoadDone done) {
  return [packets = std::move(packets), options = std::move(options), limits,
          done = std::move(done)](Result<buffer::BufferPtr> made) mutable {
    try {
      if (made && !*made) made = load_packets(std::move(packets), std::move(options), limits);
    } catch (const std::bad_alloc &) {
      made = Error{Status::memory, Origin::load, "Out of memory."};
    }
    packets = nullptr;
    options = {};
    done(std::move(made));
  };
}

}  // namespace

Result<void> start_load(ffmpeg::SourcePtr source, LoadOptions options, const Limits &limits,
                        queue::PoolPtr pool, LoadDone done) {
  const std::string name = source->name;
  buffer::BufferPtr made;
  {
    const trace::Stage stage("load", name);
    SPDL_TRY_ASSIGN(auto wav, load_wav_item(source, options.window, options.item, limits));
    ffmpeg::PacketsPtr packets;
    if (!wav) {
      SPDL_TRY_ASSIGN(packets, demux_item(source, options.window, options.item, limits));
    }
    source = nullptr;
    const auto format = fast_format(options.item);
    if (packets && format && can_split(*packets, options.item)) {
      auto then = or_load_packets(packets, options, limits, std::move(done));
      start_split_video(std::move(packets), std::move(options), *format, limits, std::move(pool),
                        std::move(then));
      return {};
    }
    auto outcome = wav ? write_item(std::move(wav), std::move(options), name, limits)
                       : load_packets(std::move(packets), std::move(options), limits);
    SPDL_TRY_ASSIGN(made, std::move(outcome));
  }
  done(std::move(made));
  return {};
}

Result<buffer::BufferPtr> load(ffmpeg::SourcePtr source, LoadOptions options,
                               const Limits &limits) {
  // Shared: the other thread may still be inside set_value() when this one has the value.
  auto promise = std::make_shared<std::promise<Result<buffer::BufferPtr>>>();
  auto outcome = promise->get_future();
  SPDL_TRY(start_load(
      std::move(source), std::move(options), limits, queue::process_pool(),
      [promise](Result<buffer::BufferPtr> made) { promise->set_value(std::move(made)); }));
  return outcome.get();
}

}  // namespace spdl::load
