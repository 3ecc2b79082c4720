// SPDX-License-Identifier: BSD-2-Clause
#include "load/fast.h"

#include "ffmpeg/convert.h"
#include "jpeg/decode.h"
#include "jpeg/header.h"
#include "load/drawable.h"
#include "load/fast_video.h"

namespace spdl::load {
namespace {

using ffmpeg::Packets;

// A picture that is decoded and not yet resized. What holds its planes comes along.
template <class Holder>
class PictureItem : public Item {
 public:
  PictureItem(Holder holder, const pixel::Picture &picture, const Canvas &canvas)
      : holder_(std::move(holder)), picture_(picture), canvas_(canvas) {}

  Result<void> write(uint8_t *to, const Limits &) const override {
    return canvas_.paint(picture_, to);
  }

 private:
  Holder holder_;
  pixel::Picture picture_;
  Canvas canvas_;
};

// How far libjpeg may scale the picture down while it decodes. Below twice the size that is asked
// for, too much of what an area filter would see is gone. Chroma that is halved in both directions
// is scaled less than luma; any other is scaled as much, so that it decides.
int denominator_for(const jpeg::Header &header, const Placement &place) {
  const bool is_even = header.chroma_ratio_x == header.chroma_ratio_y;
  const int width = header.width / (is_even ? 1 : header.chroma_ratio_x);
  const int height = header.height / (is_even ? 1 : header.chroma_ratio_y);
  for (const int denominator : {8, 4, 2})
    if (width / denominator >= int64_t{2} * place.scaled_width &&
        height / denominator >= int64_t{2} * place.scaled_height)
      return denominator;
  return 1;
}

// JFIF: BT.601, of full range, chroma in the middle of the luma that it is for.
pixel::Picture picture_of(const jpeg::Image &image, const jpeg::Header &header, int denominator) {
  pixel::Picture picture{
      .model = image.num_planes == 1 ? pixel::Model::gray : pixel::Model::ycbcr,
      .width = header.width,
      .height = header.height,
      .denominator = denominator,
      .planes = {},
      .matrix = pixel::Matrix::bt601,
      .is_full_range = true,
      .site = pixel::ChromaSite::center,
  };
  for (size_t i = 0; i < static_cast<size_t>(image.num_planes); ++i) {
    const jpeg::Plane &plane = image.planes[i];
    picture.planes[i] = {.data = plane.data,
                         .stride = plane.stride,
                         .width = plane.width,
                         .height = plane.height,
                         .step = 1};
  }
  return picture;
}

// By libjpeg-turbo; null leaves it to FFmpeg.
Result<ItemPtr> load_jpeg(const Packets &packets, const ItemOptions &options, pixel::Format format,
                          const Limits &limits) {
  const AVPacket &packet = *packets.packets.front();
  const std::span data(packet.data, static_cast<size_t>(packet.size));
  const auto header = jpeg::read_header(data);
  if (!header) return nullptr;
  const Canvas canvas(*options.fit, format, header->width, header->height);
  if (!canvas.can_paint()) return nullptr;
  SPDL_TRY(canvas.check(limits, packets.source));
  const int denominator = denominator_for(*header, canvas.placement());
  SPDL_TRY_ASSIGN(auto image, jpeg::decode(data, denominator, limits, packets.source));
  if (!image) return nullptr;
  const pixel::Picture picture = picture_of(*image, *header, denominator);
  auto item = std::make_unique<PictureItem<jpeg::Image>>(*std::move(image), picture, canvas);
  SPDL_TRY_ASSIGN(item->form, canvas.form());
  item->about = {.pts = {0}, .num_corrupt = 0, .backend = backend_fast};
  return item;
}

bool is_jpeg_file(const Packets &packets, const ItemOptions &options) {
  return packets.stream_index < 0 && packets.packets.size() == 1 &&
         packets.codec->parameters->codec_id == AV_CODEC_ID_MJPEG &&
         options.decode.decoder.name.empty() && options.decode.decoder.options.empty();
}

// By FFmpeg's decoder.
Result<ItemPtr> load_image(const Packets &packets, const ItemOptions &options, pixel::Format format,
                           const Limits &limits) {
  ffmpeg::DecodeOptions decode = options.decode;
  decode.use_default_filter = false;
  SPDL_TRY_ASSIGN(const auto frames, ffmpeg::decode(packets, decode, limits));
  SPDL_TRY_ASSIGN(auto drawable, make_drawable(frames->front(), frames->time_base, packets,
                                               *options.fit, format, limits));
  auto item = std::make_unique<PictureItem<ffmpeg::FramePtr>>(std::move(drawable.frame),
                                                              drawable.picture, drawable.canvas);
  SPDL_TRY_ASSIGN(item->form, drawable.canvas.form());
  ffmpeg::add_times(*frames, item->about.pts);
  item->about.num_corrupt = frames->num_corrupt;
  item->about.backend = drawable.backend;
  return item;
}

}  // namespace

std::optional<pixel::Format> fast_format(const ItemOptions &options) {
  const auto &fit = options.fit;
  if (!fit || (fit->width == 0 && fit->height == 0) || options.decode.is_reference)
    return std::nullopt;
  return Canvas::format_of(fit->pix_fmt);
}

Result<ItemPtr> load_fast(const Packets &packets, const ItemOptions &options, pixel::Format format,
                          const Limits &limits) {
  if (packets.media == ffmpeg::Media::video)
    return load_fast_video(packets, options, format, limits);
  if (is_jpeg_file(packets, options)) {
    SPDL_TRY_ASSIGN(auto item, load_jpeg(packets, options, format, limits));
    if (item) return item;
  }
  return load_image(packets, options, format, limits);
}

}  // namespace spdl::load
