// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/picture.h"

namespace spdl::ffmpeg {
namespace {

using pixel::ChromaSite;
using pixel::Matrix;
using pixel::Model;

// Each sample is a byte of its own.
bool has_plain_bytes(const AVPixFmtDescriptor &format) {
  constexpr uint64_t other = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                             AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER |
                             AV_PIX_FMT_FLAG_FLOAT;
  if (format.flags & other) return false;
  for (int i = 0; i < format.nb_components; ++i)
    if (format.comp[i].depth != 8 || format.comp[i].shift != 0) return false;
  return format.nb_components > 0;
}

// What swscale takes it for, which knows BT.601 where nothing is said.
std::optional<Matrix> matrix_of(AVColorSpace space) {
  switch (space) {
    case AVCOL_SPC_UNSPECIFIED:
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return Matrix::bt601;
    case AVCOL_SPC_BT709:
      return Matrix::bt709;
    case AVCOL_SPC_FCC:
      return Matrix::fcc;
    case AVCOL_SPC_SMPTE240M:
      return Matrix::smpte240m;
    case AVCOL_SPC_BT2020_NCL:
      return Matrix::bt2020;
    default:
      return std::nullopt;
  }
}

// Where nothing is said: as JPEG and WebP have it, or as MPEG has it.
ChromaSite site_of(AVChromaLocation location, Media media) {
  switch (location) {
    case AVCHROMA_LOC_LEFT:
      return ChromaSite::left;
    case AVCHROMA_LOC_CENTER:
      return ChromaSite::center;
    case AVCHROMA_LOC_TOPLEFT:
      return ChromaSite::top_left;
    case AVCHROMA_LOC_TOP:
      return ChromaSite::top;
    case AVCHROMA_LOC_BOTTOMLEFT:
      return ChromaSite::bottom_left;
    case AVCHROMA_LOC_BOTTOM:
      return ChromaSite::bottom;
    default:
      return media == Media::image ? ChromaSite::center : ChromaSite::left;
  }
}

bool is_full_range(const AVFrame &frame) {
  switch (frame.format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ411P:
      return true;
    default:
      return frame.color_range == AVCOL_RANGE_JPEG;
  }
}

pixel::Plane plane_of(const AVFrame &frame, const AVPixFmtDescriptor &format, int component) {
  const AVComponentDescriptor &of = format.comp[component];
  const bool is_chroma = component > 0 && !(format.flags & AV_PIX_FMT_FLAG_RGB);
  return {.data = frame.data[of.plane] + of.offset,
          .stride = frame.linesize[of.plane],
          .width = AV_CEIL_RSHIFT(frame.width, is_chroma ? format.log2_chroma_w : 0),
          .height = AV_CEIL_RSHIFT(frame.height, is_chroma ? format.log2_chroma_h : 0),
          .step = of.step};
}

}  // namespace

std::optional<pixel::Picture> picture_of(const AVFrame &frame, Media media) {
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  if (!format || !has_plain_bytes(*format)) return std::nullopt;
  const bool is_gray = format->nb_components < 3;
  const bool is_rgb = format->flags & AV_PIX_FMT_FLAG_RGB;
  pixel::Picture picture;
  picture.model = is_gray ? Model::gray : is_rgb ? Model::rgb : Model::ycbcr;
  picture.width = frame.width;
  picture.height = frame.height;
  for (int i = 0; i < (is_gray ? 1 : 3); ++i) picture.planes[i] = plane_of(frame, *format, i);
  picture.is_full_range = is_gray || is_rgb || is_full_range(frame);
  if (picture.model != Model::ycbcr) return picture;
  const auto matrix = matrix_of(frame.colorspace);
  if (!matrix) return std::nullopt;
  picture.matrix = *matrix;
  picture.site = site_of(frame.chroma_location, media);
  return picture;
}

}  // namespace spdl::ffmpeg
