using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Readings;
using ForkGuard.Node.Tests.Scanning;

namespace ForkGuard.Node.Tests.Readings;

public sealed class ConversionTests
{
    [Theory]
    [InlineData(false, "Exact")]
    [InlineData(true, "UpperBound")]
    public void The_largest_mapping_is_exact_or_a_bound(bool isBound, string confidence)
    {
        var constraint = Candidates.Reading(1, "redis", 76, isBound: isBound).ToConstraint()!;
        Assert.Equal(
            ("LargestMapping", "Bytes", "Process", 76L, 100L, 76, confidence, (long?)null, (bool?)null),
            (
                constraint.Type.Text,
                constraint.Unit.Text,
                constraint.Scope.Text,
                constraint.Used,
                constraint.Limit,
                constraint.Percent,
                constraint.Confidence.Text,
                constraint.Uncertainty,
                constraint.Refuses
            )
        );
    }

    [Theory]
    [InlineData(0UL, null)]
    [InlineData(1024UL, 1024L)]
    public void Swap_is_reported_where_there_is_some(ulong inForce, long? expected) =>
        Assert.Equal(
            expected,
            new KernelState { SwapTotal = 4096, SwapInForce = inForce }
                .ToReport("6.12.1")
                .SwapBytes
        );

    [Fact]
    public void A_refusal_now_is_said() => Assert.True(Candidates.Reading(1, "redis", 101).ToConstraint()!.Refuses);

    [Fact]
    public void A_bound_of_a_commit_charge_is_off_by_the_part_whose_flags_were_not_read()
    {
        var reading = Candidates.Reading(1, "redis", 90) with
        {
            ForkChildren = 5,
            Assessment = new Assessment
            {
                Verdict = Verdict.CanFork,
                Constraint = ConstraintType.CommitCharge,
                Used = 90,
                Own = 7,
                Limit = 100,
                Error = 7,
                IsBound = true,
            },
        };
        var constraint = reading.ToConstraint()!;
        Assert.Equal(
            ("CommitCharge", "Node", "Estimate"),
            (constraint.Type.Text, constraint.Scope.Text, constraint.Confidence.Text)
        );
        Assert.Equal((7L, 5L, 7L), (constraint.Own, constraint.ForkChildren, constraint.Uncertainty));
    }

    [Fact]
    public void Mode_1_and_a_process_that_ended_have_no_accounting()
    {
        Assert.Null(new ProcessReading { Command = "x", Status = ReadStatus.Ok }.ToConstraint());
        Assert.Null((Candidates.Reading(1, "x", 50) with { Status = ReadStatus.Gone }).ToConstraint());
    }

    [Fact]
    public void Numbers_that_are_not_the_kernels_are_a_problem_and_no_numbers()
    {
        var constraint = Candidates.Reading(1, "x", 150).ToConstraint("meminfo is\u001b not the kernel's")!;
        Assert.Equal((0L, 0L, 0, null), (constraint.Used, constraint.Limit, constraint.Percent, constraint.Refuses));
        Assert.Equal("meminfo is\\u001b not the kernel's", constraint.Problem);
    }

    [Fact]
    public void A_constraint_keeps_what_the_check_read()
    {
        var report = new ConstraintReading
        {
            Type = ConstraintType.Pids,
            Unit = ConstraintUnit.Tasks,
            Scope = ConstraintScope.Pod,
            ScopeName = "/kubepods/pod1",
            Used = 97,
            Limit = 97,
            Refuses = true,
        }.ToReport();
        Assert.Equal(
            new ConstraintReport
            {
                Type = ConstraintType.Pids,
                Unit = ConstraintUnit.Tasks,
                Scope = ConstraintScope.Pod,
                ScopeName = "/kubepods/pod1",
                Used = 97,
                Limit = 97,
                Percent = 100,
                Refuses = true,
                Confidence = Confidence.Exact,
            },
            report
        );
    }

    [Theory]
    [InlineData("", "Anonymous")]
    [InlineData("[heap]", "Heap")]
    [InlineData("[stack]", "Stack")]
    [InlineData("[anon: glibc: malloc arena]", "Anonymous")]
    [InlineData("[anon: glibc: pthread stack: 4711]", "ThreadStacks")]
    [InlineData("/memfd:x (deleted)", "File")]
    [InlineData("/var/lib/data.mdb", "File")]
    public void The_name_of_a_mapping_gives_its_kind(string name, string kind) =>
        Assert.Equal(kind, new MappingRange(0x1000, 0x2000, name, IsWritable: true).ToReport()!.Kind.Text);
}
