using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// Looks at one process only as deep as the question needs: maps if total_vm could matter, smaps if a private mapping
/// could. Not for several threads at once.
/// </summary>
public sealed class ProcessInspector
{
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
    /// Gone: the process does not exist; as the status of the reading has it. A process that may not be read gives the bound
    /// of statm, and <see cref="Verdict.Unknown"/> if that bound exceeds the limit. Of a process whose main thread has
    /// exited the files of another thread are read.
    /// </remarks>
    /// <exception cref="OperationCanceledException">The token asks for it.</exception>
    public ProcessReading Inspect(
        int pid,
        in KernelState state,
        OvercommitMode mode,
        int levelPercent,
        DateTimeOffset now,
        CancellationToken cancellationToken = default
    ) => Inspect(pid, Inspection.OfOne(state, mode, levelPercent, now), cache: null, cancellationToken);

    /// <summary>As the other, and keeps what smaps had.</summary>
    internal ProcessReading Inspect(
        int pid,
        in Inspection inspection,
        MappingCache? cache,
        CancellationToken cancellationToken
    )
    {
        Span<byte> small = stackalloc byte[256];
        var status = _proc.TryRead(pid, "statm"u8, small, out var text);
        ProcessSize size = default;
        if (status != ReadStatus.Ok || !Statm.TryParse(text, out size))
        {
            return Unreadable(pid, inspection, status == ReadStatus.Ok ? ReadStatus.Malformed : status);
        }

        var target = new ProcessTarget(pid);
        if (size.Total == 0)
        {
            target = new ProcessTarget(pid, LivingThread.Find(_proc, pid, out size));
        }

        if (!TryBound(target, size, inspection, out var reading))
        {
            InspectionCost cost = default;
            reading = LookUp(target, size, inspection, cache, ref cost, cancellationToken);
        }

        return reading ?? Unreadable(pid, inspection, ReadStatus.Gone);
    }

    /// <summary>
    /// True if the size alone is enough for a reading, or for none: <paramref name="reading"/> is then null where the process
    /// is below the report level.
    /// </summary>
    internal bool TryBound(
        ProcessTarget target,
        in ProcessSize size,
        in Inspection inspection,
        out ProcessReading? reading
    )
    {
        reading = null;
        if (size.Total == 0 || inspection.Mode == OvercommitMode.Always)
        {
            reading = Skipped(target.Pid, inspection, size.Total == 0 ? ReadStatus.NoAddressSpace : ReadStatus.Ok);
            return true;
        }

        var bound = BoundOf(size, inspection);
        if (!inspection.IsReported(bound))
        {
            return true;
        }

        if (inspection.NeedsMaps(bound))
        {
            return false;
        }

        reading = Complete(target.Pid, inspection, OfStatm(bound, inspection), ReadStatus.Ok);
        return true;
    }

    /// <summary>The bound of statm, for a process whose maps there is no time to read.</summary>
    internal ProcessReading Bound(ProcessTarget target, in ProcessSize size, in Inspection inspection) =>
        Complete(target.Pid, inspection, OfStatm(BoundOf(size, inspection), inspection), ReadStatus.Ok);

    /// <summary>
    /// Reads maps. True if that is enough, with what earlier reads of smaps found; false if smaps has to be read, and
    /// <paramref name="reading"/> is an upper bound until then. Null: below the report level, or gone.
    /// </summary>
    internal bool TryMaps(
        ProcessTarget target,
        in ProcessSize size,
        in Inspection inspection,
        MappingCache cache,
        out ProcessReading? reading
    )
    {
        var known =
            cache.Smaps is { } smaps && smaps.IsValid(inspection.Now, inspection.CountsNoReserve) ? smaps : null;
        var survey = new MappingSurvey(inspection.CandidateBytes, inspection.MaxChargedBytes, known);
        if (!TrySurvey(target, size, inspection, ref survey, out reading))
        {
            return true;
        }

        cache.NoteMaps(survey.Lines);
        var isDone = TryResolve(target, size, inspection, ref survey, known, out var charge);
        if (isDone && !inspection.IsAtWarning(charge.Charge))
        {
            cache.KeepCharge(size, inspection, survey.SmallestPassedOver, charge);
        }

        reading = inspection.IsReported(charge.Charge) ? Complete(target.Pid, inspection, charge, ReadStatus.Ok) : null;
        return isDone || reading is null;
    }

    /// <summary>Reads maps and smaps. Null: below the report level, or gone.</summary>
    internal ProcessReading? LookUp(
        ProcessTarget target,
        in ProcessSize size,
        in Inspection inspection,
        MappingCache? cache,
        ref InspectionCost cost,
        CancellationToken cancellationToken
    )
    {
        // Between maps and smaps the process may change: where smaps ends before the last candidate, both are read again.
        const int attempts = 2;
        ProcessReading? reading = null;
        for (var attempt = 0; attempt < attempts; attempt++)
        {
            cost.MapsReads++;
            var survey = new MappingSurvey(inspection.CandidateBytes, inspection.MaxChargedBytes, known: null);
            if (!TrySurvey(target, size, inspection, ref survey, out reading))
            {
                if (reading?.Status == ReadStatus.Malformed)
                {
                    continue;
                }

                return reading;
            }

            if (TryResolve(target, size, inspection, ref survey, known: null, out var charge))
            {
                return inspection.IsReported(charge.Charge)
                    ? Complete(target.Pid, inspection, charge, ReadStatus.Ok)
                    : null;
            }

            cost.SmapsReads++;
            var tally = new SmapsTally(
                inspection.CandidateBytes,
                inspection.MaxChargedBytes,
                survey.LastCandidateEnd,
                inspection.CountsNoReserve
            );
            var status = _files.Tally(target, ref tally, cancellationToken);
            if (status == ReadStatus.Ok)
            {
                return Keep(target, size, inspection, ref tally, ref survey, charge.Charge, cache);
            }

            reading = status == ReadStatus.Gone ? null : Complete(target.Pid, inspection, charge, status);
            if (status != ReadStatus.Malformed)
            {
                break;
            }
        }

        return reading;
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
            : Complete(pid, inspection, OfStatm(charge, inspection), status);
    }

    private ProcessReading? Keep(
        ProcessTarget target,
        in ProcessSize size,
        in Inspection inspection,
        ref SmapsTally tally,
        ref MappingSurvey survey,
        in ProcessCharge bound,
        MappingCache? cache
    )
    {
        var charge = FlagsRead(bound, tally.Largest, tally.Sum, survey.LargestBesideCandidates);
        var measured = new MeasuredCharge(charge, ReadingSource.Smaps, tally.LargestRange, inspection.Now);
        var isAtWarning = inspection.IsAtWarning(charge);
        if (cache is not null)
        {
            var entry = new SmapsCacheEntry(tally.Areas, inspection.CountsNoReserve, inspection.Now);
            if (inspection.MustBeFresh)
            {
                cache.RenewSmaps(entry);
            }
            else
            {
                cache.KeepSmaps(entry, inspection, isAtWarning);
            }

            if (!isAtWarning)
            {
                cache.KeepCharge(size, inspection, survey.SmallestPassedOver, measured);
            }
        }

        return inspection.IsReported(charge) ? Complete(target.Pid, inspection, measured, ReadStatus.Ok) : null;
    }

    /// <summary>False if there is nothing more to read: <paramref name="reading"/> has the reason, or is null where the process is gone.</summary>
    private bool TrySurvey(
        ProcessTarget target,
        in ProcessSize size,
        in Inspection inspection,
        ref MappingSurvey survey,
        out ProcessReading? reading
    )
    {
        reading = null;
        var status = _files.Survey(target, ref survey);
        if (status == ReadStatus.Ok)
        {
            return true;
        }

        var bound = OfStatm(BoundOf(size, inspection), inspection);
        reading = status switch
        {
            ReadStatus.NoAddressSpace when inspection.IsForOne => Skipped(target.Pid, inspection, status),
            ReadStatus.NoAddressSpace or ReadStatus.Gone => null,
            _ => Complete(target.Pid, inspection, bound, status),
        };
        return false;
    }

    /// <summary>True if maps and the flags that are known are enough. <paramref name="charge"/> is an upper bound otherwise.</summary>
    private bool TryResolve(
        ProcessTarget target,
        in ProcessSize size,
        in Inspection inspection,
        ref MappingSurvey survey,
        SmapsCacheEntry? known,
        out MeasuredCharge charge
    )
    {
        var bound = BoundOf(size, inspection) with
        {
            Largest = survey.LargestPrivate,
            Sum = survey.PrivateSum,
            Uncertainty = survey.PrivateSum,
            IsBound = survey.PrivateSum > 0,
            HasSysAdmin = inspection.Mode == OvercommitMode.Strict && Capabilities.HasSysAdmin(_proc, target),
        };
        charge = new MeasuredCharge(bound, ReadingSource.Maps, default, inspection.Now);
        if (survey.Candidates == 0 || !inspection.IsReported(bound) || !inspection.NeedsSmaps(bound))
        {
            return true;
        }

        if (known is null)
        {
            return false;
        }

        var isKnown =
            inspection.Mode == OvercommitMode.Strict
                ? survey.UnknownSum <= inspection.State.CommitError
                : survey.LargestUnknown <= survey.LargestKnown.Bytes;
        var narrowed = FlagsRead(
            bound,
            Math.Max(survey.LargestKnown.Bytes, survey.LargestUnknown),
            Saturating.Add(survey.KnownSum, survey.UnknownSum),
            survey.LargestBesideCandidates
        );
        narrowed = narrowed with { IsBound = narrowed.IsBound || !isKnown, Uncertainty = survey.UnknownSum };
        charge = new MeasuredCharge(narrowed, ReadingSource.Smaps, survey.LargestKnown, known.MeasuredTime);
        return isKnown || !inspection.NeedsSmaps(narrowed);
    }

    /// <summary>
    /// Puts what was measured in the place of the bounds. Where no candidate is charged, the largest of the mappings that
    /// were not looked up remains, as a bound.
    /// </summary>
    private static ProcessCharge FlagsRead(
        in ProcessCharge bound,
        ulong largest,
        ulong sum,
        ulong largestNotLookedUp
    ) =>
        largest > 0 || largestNotLookedUp == 0
            ? bound with
            {
                Largest = largest,
                Sum = sum,
                Uncertainty = 0,
                IsBound = false,
            }
            : bound with
            {
                Largest = largestNotLookedUp,
            };

    private static ProcessCharge BoundOf(in ProcessSize size, in Inspection inspection)
    {
        var total = size.Total * inspection.State.PageSize;
        return new ProcessCharge
        {
            Largest = total,
            Sum = total,
            Uncertainty = total,
            TotalVm = total,
            IsBound = true,
        };
    }

    private static MeasuredCharge OfStatm(in ProcessCharge bound, in Inspection inspection) =>
        new(bound, ReadingSource.Statm, default, inspection.Now);

    internal ProcessReading Complete(
        int pid,
        in Inspection inspection,
        in MeasuredCharge measured,
        ReadStatus status
    ) =>
        _files.Identify(pid, inspection.Now) with
        {
            Status = status,
            Source = measured.Source,
            Mapping = measured.Mapping,
            MeasuredTime = measured.MeasuredTime,
            IsKept = measured.Source == ReadingSource.Smaps && measured.MeasuredTime != inspection.Now,
            Assessment = AccountingRule.Evaluate(inspection.State, inspection.Mode, measured.Charge),
        };

    /// <summary>A process that accounting cannot refuse: worth a reading only if just this one was asked for.</summary>
    private ProcessReading? Skipped(int pid, in Inspection inspection, ReadStatus status) =>
        inspection.IsForOne
            ? _files.Identify(pid, inspection.Now) with
            {
                Status = status,
                Assessment = new Assessment
                {
                    Verdict =
                        inspection.State.Distrust is null || status == ReadStatus.NoAddressSpace
                            ? Verdict.NotApplicable
                            : Verdict.Unknown,
                },
            }
            : null;
}
