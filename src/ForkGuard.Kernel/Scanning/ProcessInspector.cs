using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// Looks at one process only as deep as the question needs: maps if total_vm could matter, smaps if a private mapping
/// could. Not for several threads at once.
/// </summary>
public sealed class ProcessInspector
{
    private const int Attempts = 3;

    private readonly ProcRoot _proc;
    private readonly ProcessFiles _files;

    public ProcessInspector(ProcRoot proc)
    {
        _proc = proc;
        _files = new ProcessFiles(proc);
    }

    /// <summary>
    /// Looks at a process whatever its size, from statm to smaps, and keeps nothing. From <paramref name="levelPercent"/>
    /// of the limit on the reading is exact, below it may be a bound; 0 asks for an exact one in any case.
    /// </summary>
    /// <remarks>
    /// Gone: the process does not exist; the reading's status says so. A process that may not be read gives the bound
    /// of statm, and <see cref="ForkVerdict.Unknown"/> if that bound exceeds the limit.
    /// </remarks>
    public ProcessReading Inspect(
        int pid,
        in KernelState state,
        OvercommitMode mode,
        int levelPercent,
        DateTimeOffset now
    )
    {
        Span<byte> small = stackalloc byte[256];
        var status = _proc.TryRead(pid, "statm"u8, small, out var text);
        var inspection = Inspection.OfOne(state, mode, levelPercent, now);
        var pages = 0UL;
        if (status != ReadStatus.Ok || !Statm.TryParseSize(text, out pages))
        {
            return Unreadable(pid, inspection, status == ReadStatus.Ok ? ReadStatus.Malformed : status);
        }

        KeptAnswer? nothingKept = null;
        _ = TryInspect(pid, pages, inspection, ref nothingKept, out var reading, out _);
        return reading;
    }

    /// <summary>
    /// Looks at a process whose size is known, and says whether it is at or above the inspection's level; only then
    /// <paramref name="reading"/> is complete. <paramref name="kept"/> holds the answer for the next time.
    /// </summary>
    internal bool TryInspect(
        int pid,
        ulong totalPages,
        in Inspection inspection,
        ref KeptAnswer? kept,
        out ProcessReading reading,
        out InspectionCost cost
    )
    {
        cost = default;
        reading = default;
        if (totalPages == 0 || inspection.Mode == OvercommitMode.Always)
        {
            return TryExcuse(pid, inspection, totalPages == 0 ? ReadStatus.NoAddressSpace : ReadStatus.Ok, out reading);
        }

        var total = totalPages * inspection.State.PageSize;
        var charge = new ProcessCharge
        {
            Largest = total,
            Sum = total,
            TotalVm = total,
            IsBound = true,
        };
        if (!inspection.IsLoud(charge))
        {
            return false;
        }

        if (!inspection.NeedsMore(charge))
        {
            reading = Complete(pid, inspection, charge, ReadingSource.Statm, ReadStatus.Ok);
            return true;
        }

        // Between maps and smaps the process may change, and what was not looked up may be what matters.
        var isLoud = false;
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            isLoud = TryMeasure(pid, inspection, charge, attempt == Attempts, ref kept, out reading, ref cost);
            if (!isLoud || reading.Status != ReadStatus.Malformed)
            {
                break;
            }
        }

        return isLoud;
    }

    private bool TryMeasure(
        int pid,
        in Inspection inspection,
        ProcessCharge charge,
        bool isLastAttempt,
        ref KeptAnswer? kept,
        out ProcessReading reading,
        ref InspectionCost cost
    )
    {
        cost.MapsReads++;
        var survey = new MappingSurvey(inspection.Mode, inspection.CandidateBytes);
        var status = _files.Survey(pid, ref survey);
        if (status == ReadStatus.NoAddressSpace)
        {
            return TryExcuse(pid, inspection, status, out reading);
        }

        if (status != ReadStatus.Ok)
        {
            reading = Complete(pid, inspection, charge, ReadingSource.Statm, status);
            return status != ReadStatus.Gone;
        }

        charge = charge with
        {
            Largest = survey.LargestPrivate,
            Sum = survey.PrivateSum,
            IsBound = survey.PrivateSum > 0,
            HasSysAdmin = inspection.Mode == OvercommitMode.Strict && Capabilities.HasSysAdmin(_proc, pid),
        };
        reading = default;
        if (!inspection.IsLoud(charge))
        {
            return false;
        }

        if (survey.Candidates == 0 || !inspection.NeedsMore(charge))
        {
            reading = Complete(pid, inspection, charge, ReadingSource.Maps, ReadStatus.Ok);
            return true;
        }

        var isKept = kept is not null && kept.StillHolds(survey.Fingerprint, inspection);
        if (!isKept)
        {
            cost.SmapsReads++;
            status = _files.Tally(pid, inspection, survey, readAll: isLastAttempt, out kept);
            if (status != ReadStatus.Ok)
            {
                reading = Complete(pid, inspection, charge, ReadingSource.Maps, status);
                return status != ReadStatus.Gone;
            }
        }

        charge = kept!.Narrow(charge, survey.LargestBesideCandidates);
        if (!inspection.IsLoud(charge))
        {
            return false;
        }

        reading = Complete(pid, inspection, charge, ReadingSource.Smaps, ReadStatus.Ok) with
        {
            Mapping = kept.Largest,
            MeasuredTime = kept.MeasuredTime,
            IsKept = isKept,
        };
        return true;
    }

    private ProcessReading Complete(
        int pid,
        in Inspection inspection,
        in ProcessCharge charge,
        ReadingSource source,
        ReadStatus status
    ) =>
        _files.Identify(pid, inspection.Now) with
        {
            Status = status,
            Source = source,
            Assessment = AccountingRule.Judge(inspection.State, inspection.Mode, charge),
        };

    /// <summary>A process that accounting cannot refuse: worth a reading only if just this one was asked for.</summary>
    private bool TryExcuse(int pid, in Inspection inspection, ReadStatus status, out ProcessReading reading)
    {
        reading = default;
        if (!inspection.IsForOne)
        {
            return false;
        }

        reading = _files.Identify(pid, inspection.Now) with
        {
            Status = status,
            Assessment = new Assessment { Verdict = ForkVerdict.NotApplicable },
        };
        return true;
    }

    /// <summary>A process of which not even the size is known: gone, or anything at all.</summary>
    internal ProcessReading Unreadable(int pid, in Inspection inspection, ReadStatus status)
    {
        const ulong anything = ulong.MaxValue / 2;
        var charge = new ProcessCharge
        {
            Largest = anything,
            Sum = anything,
            IsBound = true,
        };
        return status == ReadStatus.Gone
            ? _files.Identify(pid, inspection.Now) with
            {
                Status = status,
            }
            : Complete(pid, inspection, charge, ReadingSource.Statm, status);
    }
}
