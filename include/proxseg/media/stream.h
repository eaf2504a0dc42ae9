// Frames that can be read only once: from standard input, a camera or a network address.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "proxseg/media/sequences.h"
#include "proxseg/media/source.h"

namespace proxseg {

// True for "-", which is standard input, for digits alone, which are a camera, unless a file has
// that name, and for SCHEME://...
bool is_stream(const std::string& path);

// "stdin", "camera0", of an address the last part of its path, without extension.
std::string stream_name(const std::string& path);

// An address as messages may show it: "rtsp://USER:PASSWORD@HOST/PATH?QUERY" without what stands before
// HOST, and with "..." for QUERY, in which many cameras want the password.
std::string without_password(const std::string& path);

// Of a stream that is opened again (SourceOptions::reconnect), on the thread that reads it: its
// connection is lost, and why, or found again, and after what time.
using OnConnection = std::function<void(bool is_found, const std::string& what)>;

// Opens a stream. Standard input holds a video of any container that can be read from its start to
// its end, such as YUV4MPEG2 or Matroska, or, where options.size is given, raw frames: 8-bit BGR,
// pixel by pixel and row by row, nothing between them. A stream ends where nothing more comes; part
// of a frame at its end is left out with a warning. should_stop is asked from another thread while
// standard input or an address keeps silent: true ends the stream there. name: what messages call
// it; "": stream_name(). Throws InputError: cannot be opened, no whole frame, another format, a bad
// range; UsageError for bad options.
std::unique_ptr<FrameSource> open_stream(const std::string& path, const SourceOptions& options = {},
                                         std::function<bool()> should_stop = {},
                                         const OnConnection& on_connection = {},
                                         const std::string& name = {});

// The frames of a file or a stream at full size and in colour, read ahead; their images are of the size
// that options.scale and pixels ask for. Those of a stream that is opened again where it is lost are as
// keep_up() leaves them. Null for a stream that kept silent until should_stop. Throws as open_source()
// and open_stream() do.
std::unique_ptr<FrameSource> open_frames(const NamedSequence& input, SourceOptions options,
                                         const std::function<bool()>& should_stop,
                                         const OnConnection& on_connection = {});

// So many of the first frames, or fewer: until the source ends, or should_stop, or until they are as many
// seconds apart, where the source knows its times.
std::deque<Frame> take_head(FrameSource& source, int64_t count,
                            const std::function<bool()>& should_stop,
                            double seconds = std::numeric_limits<double>::infinity());

// A sequence that is learned from these frames: its head.
SequenceInfo with_head(SequenceInfo info, const std::deque<Frame>& head);

// The frames from which a sequence may be learned before it is segmented: of a stream the first
// ones, sequence.head, else those of sequence.part, or all of them. Throws as open_source() does.
std::unique_ptr<FrameSource> open_ahead(const SequenceInfo& sequence,
                                        const SourceOptions& options = {});

// How many key frames of a video file these are, which can be decoded without the frames between them; 0 for
// anything else, and where its container does not say. Throws as open_source() does.
int64_t count_key_frames(const SequenceInfo& sequence);

// These alone, as options asks for. Throws as open_source() does.
std::unique_ptr<FrameSource> open_key_frames(const SequenceInfo& sequence,
                                             const SourceOptions& options = {});

}  // namespace proxseg
