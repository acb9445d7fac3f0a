using System.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>Reads the files of one process after another, in one buffer.</summary>
internal sealed class ProcessFiles(ProcRoot proc)
{
    // A name in maps is a path of up to 4096 bytes, each of which the kernel may escape with four.
    private const int BufferBytes = 32 * 1024;

    private readonly byte[] _buffer = new byte[BufferBytes];

    internal ReadStatus Survey(ProcessTarget target, ref MappingSurvey survey)
    {
        var fd = proc.Open(target.Pid, "maps"u8, target.Thread);
        if (fd < 0)
        {
            return StatusOfMissing(target, fd);
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

        return survey.Lines > 0 ? ReadStatus.Ok : StatusOfEmptyMaps(target);
    }

    /// <summary>A process that has just become a zombie has empty maps; with a size, the file was cut short.</summary>
    private ReadStatus StatusOfEmptyMaps(ProcessTarget target)
    {
        Span<byte> buffer = stackalloc byte[256];
        var status = proc.TryRead(target.Pid, "statm"u8, buffer, out var text, target.Thread);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        return Statm.TryParseSize(text, out var pages) && pages == 0 ? ReadStatus.NoAddressSpace : ReadStatus.Malformed;
    }

    /// <summary>
    /// Reads smaps as far as the last candidate that maps had. Malformed if the file ends before, which is also so when the
    /// process has unmapped that candidate since.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token asks for it; reading a large process takes a second.</exception>
    internal ReadStatus Tally(ProcessTarget target, ref SmapsTally tally, CancellationToken cancellationToken)
    {
        var fd = proc.Open(target.Pid, "smaps"u8, target.Thread);
        if (fd < 0)
        {
            return StatusOfMissing(target, fd);
        }

        var reader = new LineReader(fd, _buffer);
        var isSound = true;
        try
        {
            while (isSound && !tally.IsDone && reader.TryRead(out var line))
            {
                cancellationToken.ThrowIfCancellationRequested();
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

        return tally.LacksFlags ? ReadStatus.Unsupported
            : tally.IsDone ? ReadStatus.Ok
            : ReadStatus.Malformed;
    }

    /// <summary>A file that is not there though the process is: this kernel does not have it, or the capture left it out.</summary>
    private ReadStatus StatusOfMissing(ProcessTarget target, int minusErrno)
    {
        var status = ProcRoot.StatusOf(-minusErrno);
        if (status != ReadStatus.Gone)
        {
            return status;
        }

        var fd = proc.Open(target.Pid, "statm"u8, target.Thread);
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
