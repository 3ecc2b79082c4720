// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/save.h"

#include "base/trace.h"
#include "ffmpeg/filter.h"

namespace spdl::ffmpeg {
namespace {

Error invalid(const std::string &message) { return {Status::invalid, Origin::encode, message}; }

// The encode options with nothing left open.
EncodeOptions complete(const SaveOptions &options, const Frames &picture, const AVCodec &codec) {
  EncodeOptions complete = options.encode;
  if (complete.width == 0) complete.width = picture.front().width;
  if (complete.height == 0) complete.height = picture.front().height;
  if (!complete.format.empty()) return complete;
  complete.format = picture.format();
  const auto choices = pixel_formats(codec);
  if (options.is_converted && !choices.empty())
    complete.format = av_get_pix_fmt_name(choices.front());
  return complete;
}

// The filters that lead from the picture to what is encoded.
std::string describe_filters(const SaveOptions &options, const EncodeOptions &to,
                             const Frames &picture) {
  std::string chain;
  const auto add = [&](const std::string &filter) { chain += (chain.empty() ? "" : ",") + filter; };
  const bool is_filtered = !options.filter_desc.empty();
  if (is_filtered) add(options.filter_desc);
  if (is_filtered || picture.front().width != to.width || picture.front().height != to.height)
    add("scale=" + std::to_string(to.width) + ":" + std::to_string(to.height) +
        (options.scale_algo.empty() ? "" : ":flags=" + options.scale_algo));
  if (is_filtered || picture.format() != to.format) add("format=" + to.format);
  return chain.empty() ? "null" : chain;
}

Result<FramesPtr> convert(const Frames &picture, const std::string &filters, const Limits &limits) {
  const Codec codec{Media::video, {}, picture.time_base, {25, 1}, ""};
  const FilterInput input(filters, picture.front(), codec, {1, 25});
  SPDL_TRY_ASSIGN(const auto graph, FilterChain::open(input, picture.front(), limits));
  const trace::Stage stage("filter");
  auto frame = own<FramePtr>(av_frame_clone(&picture.front()));
  frame->pts = 0;
  SPDL_TRY(graph->push(std::move(frame), limits));
  SPDL_TRY(graph->end(1, limits));
  auto converted = std::make_shared<Frames>();
  converted->media = Media::image;
  converted->source = picture.source;
  SPDL_TRY_ASSIGN(frame, graph->pull(limits));
  if (!frame)
    return Error{Status::filter, Origin::filter, "The filters gave no picture: " + filters};
  frame->pts = 0;
  converted->time_base = {1, 25};
  converted->frames.push_back(std::move(frame));
  return converted;
}

Result<void> write(Muxer &muxer, Result<PacketsPtr> encoded, const Limits &limits) {
  if (encoded) return muxer.write(0, **encoded, limits);
  if (encoded.error().status == Status::eof) return {};
  return std::move(encoded).error();
}

}  // namespace

Result<void> save(const Frames &picture, const SaveOptions &options, const Limits &limits) {
  const trace::Stage stage("save", picture.source);
  if (picture.is_audio() || picture.count() != 1) return invalid("One picture can be saved.");
  SPDL_TRY_ASSIGN(const auto muxer, Muxer::create(options.destination));
  SPDL_TRY(limits.check(Origin::encode, muxer->name()));
  SPDL_TRY_ASSIGN(const AVCodec *codec, muxer->choose_encoder(options.encode));
  const EncodeOptions encode = complete(options, picture, *codec);
  SPDL_TRY(limits.check_pixels(Origin::encode, encode.width, encode.height, muxer->name()));
  SPDL_TRY_ASSIGN(const auto encoder, muxer->add_encode_stream(encode));
  FramesPtr converted;
  if (options.is_converted) {
    SPDL_TRY_ASSIGN(converted,
                    convert(picture, describe_filters(options, encode, picture), limits));
  }
  SPDL_TRY(limits.check(Origin::encode, muxer->name()));
  auto encoded = encoder->encode(converted ? *converted : picture, limits);
  if (!encoded && encoded.error().status != Status::eof) return std::move(encoded).error();
  SPDL_TRY(muxer->open(options.muxer_options, limits));
  SPDL_TRY(write(*muxer, std::move(encoded), limits));
  SPDL_TRY(write(*muxer, encoder->flush(limits), limits));
  return muxer->close(limits);
}

}  // namespace spdl::ffmpeg
