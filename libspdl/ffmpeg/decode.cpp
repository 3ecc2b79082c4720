// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/decode.h"

#include "base/trace.h"
#include "ffmpeg/pipeline.h"

namespace spdl::ffmpeg {
namespace {

FramesPtr no_frames(const Packets &packets) {
  auto frames = std::make_shared<Frames>();
  frames->media = packets.media;
  frames->source = packets.source;
  frames->time_base = packets.codec->time_base;
  return frames;
}

Error no_picture(const Packets &packets) {
  return {Status::corrupt, Origin::decode,
          packets.source + ": no picture could be decoded from " +
              std::to_string(packets.num_bytes) + " bytes of " + packets.codec->name() + "."};
}

// After each packet, and at the end, `on_ready` may take what is ready.
Result<void> run(Pipeline &pipeline, const Packets &packets, const Limits &limits, auto on_ready) {
  for (const auto &packet : packets.packets) {
    if (pipeline.is_done()) break;
    SPDL_TRY(pipeline.prepare(limits));
    SPDL_TRY(pipeline.feed(*packet, limits));
    SPDL_TRY(on_ready());
  }
  SPDL_TRY(pipeline.finish(limits));
  return on_ready();
}

// Whether there may be no frame at all.
Result<void> check_emptiness(Pipeline &pipeline, const Packets &packets) {
  if (auto failure = pipeline.take_failure()) return *std::move(failure);
  if (packets.media == Media::image) return no_picture(packets);
  return {};
}

}  // namespace

const char *default_filter(Media media) {
  return media == Media::audio ? "aformat=sample_fmts=fltp" : "format=pix_fmts=rgb24";
}

Result<FramesPtr> decode(const Packets &packets, const DecodeOptions &options,
                         const Limits &limits) {
  const trace::Stage stage("decode", packets.source);
  if (packets.packets.empty()) return no_frames(packets);
  SPDL_TRY_ASSIGN(const auto pipeline, Pipeline::open(packets, options, limits));
  SPDL_TRY(run(*pipeline, packets, limits, [] { return Result<void>(); }));
  if (pipeline->num_ready() == 0) SPDL_TRY(check_emptiness(*pipeline, packets));
  return pipeline->take(pipeline->num_ready());
}

Result<void> decode_each(const Packets &packets, const DecodeOptions &options, const Limits &limits,
                         const std::function<Result<void>(FramesPtr)> &take) {
  const trace::Stage stage("decode", packets.source);
  if (packets.packets.empty()) return {};
  SPDL_TRY_ASSIGN(const auto pipeline, Pipeline::open(packets, options, limits));
  bool is_empty = true;
  SPDL_TRY(run(*pipeline, packets, limits, [&]() -> Result<void> {
    if (pipeline->num_ready() == 0) return {};
    is_empty = false;
    return take(pipeline->take(pipeline->num_ready()));
  }));
  if (is_empty) SPDL_TRY(check_emptiness(*pipeline, packets));
  return pipeline->has_damage() ? take(pipeline->take(0)) : Result<void>();
}

}  // namespace spdl::ffmpeg
