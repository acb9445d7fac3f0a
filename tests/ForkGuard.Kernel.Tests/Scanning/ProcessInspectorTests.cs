using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Tests.Scanning;

public sealed class ProcessInspectorTests
{
    private const ulong Limit = 1 << 20;

    [Theory]
    [InlineData("rd wr mr mw me ac sd", "rw-p", Verdict.CannotFork)]
    [InlineData("mr mw me ac", "---p", Verdict.CannotFork)]
    [InlineData("rd mr mw me ac", "r--p", Verdict.CannotFork)]
    [InlineData("rd wr mr mw me ac wf", "rw-p", Verdict.CannotFork)]
    [InlineData("rd wr mr mw me dc ac", "rw-p", Verdict.CanFork)]
    [InlineData("rd wr mr mw me nr", "rw-p", Verdict.CanFork)]
    [InlineData("mr mw me", "---p", Verdict.CanFork)]
    [InlineData("rd wr ht ac", "rw-p", Verdict.CanFork)]
    [InlineData("rd wr sh ac", "rw-s", Verdict.CanFork)]
    public void Only_the_flags_decide(string flags, string permissions, Verdict verdict)
    {
        using var captured = Captured(new CapturedArea(16, Limit + 1, flags, permissions));

        var reading = captured.Inspect(7);

        Assert.Equal((ReadStatus.Ok, verdict), (reading.Status, reading.Assessment.Verdict));
        Assert.True(reading.Assessment.IsExact);
    }

    [Theory]
    [InlineData(0UL, Verdict.CanFork)]
    [InlineData(1UL, Verdict.CannotFork)]
    public void In_mode_0_the_largest_counts_to_the_page_and_the_others_do_not(ulong more, Verdict verdict)
    {
        using var captured = Captured(
            new CapturedArea(16, Limit, "ac"),
            new CapturedArea(1 << 24, Limit + more, "wr ac", Name: "[heap]"),
            new CapturedArea(1 << 25, Limit - 1, "ac")
        );

        var reading = captured.Inspect(7);

        Assert.Equal(verdict, reading.Assessment.Verdict);
        Assert.Equal((Limit + more) << 12, reading.Assessment.Used);
        if (more > 0)
        {
            Assert.Equal(
                new MappingRange(1UL << 36, (1UL << 36) + ((Limit + more) << 12), "[heap]", IsWritable: true),
                reading.Mapping
            );
        }
    }

    [Fact]
    public void In_mode_2_all_of_them_count_and_those_of_the_child_only()
    {
        using var captured = new CapturedProc(mode: 2, committedKilobytes: 1024);
        captured.AddProcess(
            7,
            new CapturedProcess
            {
                Areas =
                [
                    new(16, 100, "wr ac"),
                    new(1000, 30, "ac"),
                    new(2000, 7, "wr dc ac"),
                    new(3000, 5, "rd", "r-xp"),
                    new(4000, 9, "sh", "rw-s"),
                ],
            }
        );

        var assessment = captured.Inspect(7).Assessment;

        Assert.Equal((130UL << 12, (130UL << 12) + (1 << 20)), (assessment.Own, assessment.Used));
        Assert.Equal((2UL << 30) - (8UL << 20) - (4UL << 12), assessment.Limit);
    }

    [Theory]
    [InlineData(1UL << 21, CapturedProcess.InitialUserNamespace, 0UL)]
    [InlineData(1UL << 21, 4026532000UL, 8UL << 20)]
    [InlineData(0UL, CapturedProcess.InitialUserNamespace, 8UL << 20)]
    public void In_mode_2_the_reserve_of_root_is_for_the_initial_user_namespace_only(
        ulong capabilities,
        ulong userNamespace,
        ulong keptBack
    )
    {
        using var captured = new CapturedProc(mode: 2);
        captured.AddProcess(
            7,
            new CapturedProcess
            {
                Areas = [new(16, 10, "wr ac")],
                Capabilities = capabilities,
                UserNamespace = userNamespace,
            }
        );

        Assert.Equal((2UL << 30) - keptBack, captured.Inspect(7).Assessment.Limit);
    }

    [Fact]
    public void A_what_if_of_strict_mode_counts_what_was_not_reserved()
    {
        using var captured = new CapturedProc(mode: 0);
        captured.AddProcess(
            7,
            new CapturedProcess { Areas = [new(16, 100, "rd wr mr mw me nr"), new(1000, 50, "mr mw me nr", "---p")] }
        );

        Assert.Equal(100UL << 12, captured.Inspect(7, OvercommitMode.Strict).Assessment.Own);
    }

    [Fact]
    public void An_area_that_grew_while_it_was_read_is_counted_once()
    {
        using var captured = new CapturedProc(mode: 2);
        captured.AddProcess(7, new CapturedProcess { Areas = [new(16, 100, "wr ac"), new(16, 150, "wr ac")] });

        Assert.Equal(150UL << 12, captured.Inspect(7).Assessment.Own);
    }

    [Fact]
    public void A_process_that_is_not_there_is_gone()
    {
        using var captured = new CapturedProc();

        Assert.Equal(ReadStatus.Gone, captured.Inspect(4711).Status);
    }

    [Fact]
    public void A_zombie_or_kernel_thread_has_nothing_to_copy()
    {
        using var captured = Captured();

        var reading = captured.Inspect(7);

        Assert.Equal((ReadStatus.NoAddressSpace, Verdict.NotApplicable), (reading.Status, reading.Assessment.Verdict));
    }

    [Fact]
    public void Without_smaps_the_bound_of_maps_is_told_and_nothing_is_called_fine()
    {
        using var captured = Captured(
            new CapturedArea(16, Limit + 1, "ac"),
            new CapturedArea(1 << 24, 9, "ac", "rw-s")
        );
        File.Delete(captured.PathOf("7/smaps"));

        var reading = captured.Inspect(7);

        Assert.Equal(
            (ReadStatus.Unsupported, ReadingSource.Maps, Verdict.Unknown),
            (reading.Status, reading.Source, reading.Assessment.Verdict)
        );
        Assert.Equal((Limit + 1) << 12, reading.Assessment.Used);
    }

    [Fact]
    public void Without_smaps_a_bound_within_the_limit_is_enough()
    {
        using var captured = Captured(new CapturedArea(16, Limit, "ac"));
        File.Delete(captured.PathOf("7/smaps"));

        var reading = captured.Inspect(7);

        Assert.Equal((ReadStatus.Unsupported, Verdict.CanFork), (reading.Status, reading.Assessment.Verdict));
        Assert.False(reading.Assessment.IsExact);
    }

    [Fact]
    public void A_smaps_without_VmFlags_is_not_taken_for_one_that_charges_nothing()
    {
        var area = new CapturedArea(16, Limit + 1, "ac");
        using var captured = new CapturedProc();
        captured.AddProcess(
            7,
            new CapturedProcess
            {
                Areas = [area, area with { FirstPage = 1 << 24, Pages = Limit + 2 }],
                SmapsBytes = System.Text.Encoding.UTF8.GetBytes(
                    $"{area.Header}\nSize: 1 kB\n{area.Header}\nSize: 1 kB\n"
                ),
            }
        );

        Assert.Equal(
            (ReadStatus.Unsupported, Verdict.Unknown),
            (captured.Inspect(7).Status, captured.Inspect(7).Assessment.Verdict)
        );
    }

    [Fact]
    public void However_short_smaps_is_cut_the_process_is_never_called_fine()
    {
        using var captured = Captured(new CapturedArea(16, Limit + 1, "rd wr ac"));
        var whole = File.ReadAllBytes(captured.PathOf("7/smaps"));

        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(captured.PathOf("7/smaps"), whole[..length]);
            Assert.NotEqual(Verdict.CanFork, captured.Inspect(7).Assessment.Verdict);
        }
    }

    [Fact]
    public void However_short_maps_is_cut_within_a_line_the_process_is_never_called_fine()
    {
        using var captured = Captured(new CapturedArea(16, Limit + 1, "rd wr ac"));
        var whole = File.ReadAllBytes(captured.PathOf("7/maps"));

        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(captured.PathOf("7/maps"), whole[..length]);
            Assert.Equal(
                (ReadStatus.Malformed, Verdict.Unknown),
                (captured.Inspect(7).Status, captured.Inspect(7).Assessment.Verdict)
            );
        }
    }

    [Theory]
    [InlineData("99999999999999999999 1 1 1 0 1 0\n")]
    [InlineData("12")]
    [InlineData("")]
    public void A_statm_that_overflows_or_is_cut_tells_nothing(string statm)
    {
        using var captured = new CapturedProc();
        captured.AddProcess(7, new CapturedProcess { StatmText = statm, Areas = [new(16, 1, "ac")] });

        Assert.Equal(
            (ReadStatus.Malformed, Verdict.Unknown),
            (captured.Inspect(7).Status, captured.Inspect(7).Assessment.Verdict)
        );
    }

    [Fact]
    public void A_statm_that_cannot_be_read_is_never_called_fine()
    {
        using var captured = Captured(new CapturedArea(16, 1, "ac"));
        File.Delete(captured.PathOf("7/statm"));
        Directory.CreateDirectory(captured.PathOf("7/statm"));

        var reading = captured.Inspect(7);

        Assert.Equal((ReadStatus.Failed, Verdict.Unknown), (reading.Status, reading.Assessment.Verdict));
        Assert.False(reading.Assessment.IsExact);
    }

    [Fact]
    public void An_area_that_came_between_maps_and_smaps_does_not_hide_the_one_that_matters()
    {
        var large = new CapturedArea(1 << 24, Limit + 1, "rd wr ac");
        var newer = new CapturedArea(16, Limit + 1, "rd wr nr");
        using var captured = new CapturedProc();
        captured.AddProcess(
            7,
            new CapturedProcess
            {
                Areas = [large],
                SmapsBytes = System.Text.Encoding.UTF8.GetBytes(newer.InSmaps + large.InSmaps),
            }
        );

        Assert.Equal(Verdict.CannotFork, captured.Inspect(7).Assessment.Verdict);
    }

    [Fact]
    public void An_area_that_is_not_found_again_leaves_a_bound()
    {
        var large = new CapturedArea(1 << 24, Limit + 1, "rd wr ac");
        var small = new CapturedArea(16, 5, "rd wr ac");
        using var captured = new CapturedProc();
        captured.AddProcess(
            7,
            new CapturedProcess
            {
                Areas = [small, large],
                SmapsBytes = System.Text.Encoding.UTF8.GetBytes(small.InSmaps),
            }
        );

        Assert.Equal(
            (ReadStatus.Malformed, Verdict.Unknown),
            (captured.Inspect(7).Status, captured.Inspect(7).Assessment.Verdict)
        );
    }

    [Fact]
    public void A_name_that_tries_to_look_like_a_line_is_only_a_name()
    {
        using var captured = Captured(
            new CapturedArea(16, Limit + 1, "rd wr ac", Name: "/tmp/x\\012VmFlags:\\040dc (deleted)"),
            new CapturedArea(1 << 24, 1, "ac", Name: "/VmFlags: dc")
        );

        var reading = captured.Inspect(7);

        Assert.Equal(
            (Verdict.CannotFork, "/tmp/x\\012VmFlags:\\040dc (deleted)"),
            (reading.Assessment.Verdict, reading.Mapping.Name)
        );
    }

    [Fact]
    public void A_name_as_long_as_a_path_can_be_is_read()
    {
        var name = "/" + string.Concat(Enumerable.Repeat("\\012", 4095));
        using var captured = Captured(new CapturedArea(16, Limit + 1, "rd wr ac", Name: name));

        Assert.Equal(
            (Verdict.CannotFork, name),
            (captured.Inspect(7).Assessment.Verdict, captured.Inspect(7).Mapping.Name)
        );
    }

    private static CapturedProc Captured(params CapturedArea[] areas)
    {
        var captured = new CapturedProc();
        captured.AddProcess(7, new CapturedProcess { Areas = areas });
        return captured;
    }
}
