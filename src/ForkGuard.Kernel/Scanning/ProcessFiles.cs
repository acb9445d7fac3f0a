using System.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>Reads the files of one process after another, in one buffer.</summary>
internal sealed class ProcessFiles(ProcRoot proc)
{
    // A name in maps is a path of up to 4096 bytes, each of which the kernel may escape with four.
    private const int BufferBytes = 32 * 1024;

    private readonly byte[] _buffer = new byte[BufferBytes];

    internal ReadStatus Survey(int pid, ref MappingSurvey survey)
    {
        var fd = proc.Open(pid, "maps"u8);
        if (fd < 0)
        {
            return StatusOfMissing(pid, fd);
        }

        var reader = new LineReader(fd, _buffer);
        var isSound = true;
        try
        {
            while (isSound && reader.TryRead(out var line))
            {
                isSound = survey.TryAdd(line);
            }
        }
        finally
        {
            Libc.Close(fd);
        }

        if (!isSound || reader.Status != ReadStatus.Ok)
        {
            return isSound ? reader.Status : ReadStatus.Malformed;
        }

        return survey.Lines > 0 ? ReadStatus.Ok : StatusOfEmptyMaps(pid);
    }

    /// <summary>A process that has just become a zombie has empty maps; with a size, the file was cut short.</summary>
    private ReadStatus StatusOfEmptyMaps(int pid)
    {
        Span<byte> buffer = stackalloc byte[256];
        var status = proc.TryRead(pid, "statm"u8, buffer, out var text);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        return Statm.TryParseSize(text, out var pages) && pages == 0 ? ReadStatus.NoAddressSpace : ReadStatus.Malformed;
    }

    /// <summary>
    /// Looks up the candidates of a survey. Malformed if other areas were found than maps had, unless
    /// <paramref name="readAll"/>: then all of smaps is read, nothing is kept, and no fewer areas will do.
    /// </summary>
    internal ReadStatus Tally(
        int pid,
        in Inspection inspection,
        MappingSurvey survey,
        bool readAll,
        out KeptAnswer? answer
    )
    {
        answer = null;
        var fd = proc.Open(pid, "smaps"u8);
        if (fd < 0)
        {
            return StatusOfMissing(pid, fd);
        }

        var tally = new SmapsTally(
            inspection.Mode,
            inspection.CandidateBytes,
            readAll ? int.MaxValue : survey.Candidates,
            inspection.CountsNoReserve
        );
        var reader = new LineReader(fd, _buffer);
        var isSound = true;
        try
        {
            while (isSound && !tally.IsDone && reader.TryRead(out var line))
            {
                isSound = tally.TryAdd(line);
            }
        }
        finally
        {
            Libc.Close(fd);
        }

        if (!isSound || reader.Status != ReadStatus.Ok)
        {
            return isSound ? reader.Status : ReadStatus.Malformed;
        }

        if (tally.LacksFlags)
        {
            return ReadStatus.Unsupported;
        }

        var isSame = tally.Fingerprint == survey.Fingerprint;
        if (readAll ? tally.Seen < survey.Candidates : !(isSame && tally.IsDone))
        {
            return ReadStatus.Malformed;
        }

        var largest =
            tally.Largest == 0
                ? default
                : new MappingRange(
                    tally.LargestStart,
                    tally.LargestStart + tally.Largest,
                    tally.LargestName,
                    tally.LargestIsWritable
                );
        answer = new KeptAnswer(
            isSame ? survey.Fingerprint : null,
            inspection.CountsNoReserve,
            largest,
            tally.Sum,
            inspection.Now
        );
        return ReadStatus.Ok;
    }

    /// <summary>A file that is not there though the process is: this kernel does not have it, or the capture left it out.</summary>
    private ReadStatus StatusOfMissing(int pid, int minusErrno)
    {
        var status = ProcRoot.StatusOf(-minusErrno);
        if (status != ReadStatus.Gone)
        {
            return status;
        }

        var fd = proc.Open(pid, "statm"u8);
        if (fd < 0)
        {
            return ReadStatus.Gone;
        }

        Libc.Close(fd);
        return ReadStatus.Unsupported;
    }

    internal ProcessReading Identify(int pid, DateTimeOffset now)
    {
        var reading = new ProcessReading
        {
            Pid = pid,
            Command = "",
            MeasuredTime = now,
        };
        Span<byte> buffer = stackalloc byte[1024];
        if (
            proc.TryRead(pid, "stat"u8, buffer, out var text) == ReadStatus.Ok
            && ProcessStat.TryParse(text, out var stat)
        )
        {
            reading = reading with
            {
                StartTime = stat.StartTime,
                Command = Encoding.UTF8.GetString(stat.Command),
                Parent = stat.Parent,
                StartStack = stat.StartStack,
            };
        }

        return reading;
    }
}
