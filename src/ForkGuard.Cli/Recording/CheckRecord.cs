using System.Text.Json.Serialization;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;

namespace ForkGuard.Cli.Recording;

/// <summary>Everything that a check read of one process and of its machine; docs/records.md describes the file.</summary>
internal sealed record CheckRecord
{
    internal const string CurrentFormat = "forkguard-check/1";

    /// <summary>Name of the format with its version.</summary>
    public required string Format { get; init; }

    /// <summary>Version of the program that wrote the record.</summary>
    public required string ProgramVersion { get; init; }

    public required DateTimeOffset RecordedTime { get; init; }

    public required int Pid { get; init; }

    /// <summary>Bytes of a page on the recorded machine.</summary>
    public required int PageSize { get; init; }

    /// <summary>Files by their paths below <c>proc</c> and <c>cgroup</c>; each character is a byte (ISO 8859-1).</summary>
    public required SortedDictionary<string, string> Files { get; init; }

    /// <summary>Targets of the namespace links.</summary>
    public required SortedDictionary<string, string> Links { get; init; }

    /// <summary>Facts that the files of one process cannot show.</summary>
    public required RecordedFacts Facts { get; init; }
}

/// <summary>Results that a check takes from system calls and from files of other processes.</summary>
internal sealed record RecordedFacts
{
    /// <summary>Reason not to trust the memory numbers of the machine; absent if there is none.</summary>
    public string? Distrust { get; init; }

    /// <summary>Part of Committed_AS that the recording program held (mode 2).</summary>
    public ulong OwnCommittedBytes { get; init; }

    /// <summary>Mapping kind of the memory accounting; absent without a mapping.</summary>
    public MappingKind? MappingKind { get; init; }

    /// <summary>Threads whose scheduling policy refuses every fork.</summary>
    public DeadlineThreads Deadline { get; init; }

    /// <summary>Rules that may refuse a fork and cannot be read.</summary>
    public NotChecked NotChecked { get; init; }

    /// <summary>Details of the pids limit; absent without one.</summary>
    public PidsDetail? Pids { get; init; }

    /// <summary>Constraints that depend on other processes, and those that could not be read.</summary>
    public IReadOnlyList<ConstraintReading> Readings { get; init; } = [];
}

/// <summary>The JSON of a record.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(CheckRecord))]
internal sealed partial class RecordJson : JsonSerializerContext;
