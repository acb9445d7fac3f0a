namespace ForkGuard.Architecture.Tests;

/// <summary>Folders of a project depend on each other one way.</summary>
public class FolderTests
{
    /// <summary>Files that lie in no folder of the project.</summary>
    private const string Root = "";

    /// <summary>All its folders share the namespace of the project.</summary>
    private const string OneNamespace = "ForkGuard.ControllerRuntime";

    /// <summary>Folders of each project; each may use only those before it.</summary>
    private static readonly Dictionary<string, string[]> Orders = new(StringComparer.Ordinal)
    {
        ["ForkGuard.Api"] = ["Constraints", Root, "Validation"],
        ["ForkGuard.Kernel"] =
        [
            Root,
            "Procfs",
            "Accounting",
            "KernelLog",
            "Cgroups",
            "Memory",
            "Scanning",
            "Checks",
            "Snapshots",
        ],
        ["ForkGuard.Policy"] = ["Matching", "Risk", "Messages", "Restarts"],
        ["ForkGuard.Manifests"] = [Root],
        ["ForkGuard.Node"] = ["Readings", "Refusals", "Serving", "Attribution", "Scanning", "Telemetry"],
        ["ForkGuard.Host"] = ["Records", "Systemd", "Restarts"],
        ["ForkGuard.Agent"] = ["Reporting"],
        ["ForkGuard.Telemetry"] = [Root],
        ["ForkGuard.Cli"] =
        [
            "Output",
            "Recording",
            "Completion",
            "Checking",
            "Ranking",
            "Serving",
            "Watching",
            "Commands",
            "Kubectl",
            Root,
        ],
        ["ForkGuard.ControllerRuntime"] =
        [
            "Api",
            "Queues",
            "Resources",
            "Health",
            Root,
            "Caching",
            "Events",
            "Leadership",
            "Status",
            "Controllers",
        ],
        ["ForkGuard.Controller"] =
        [
            "Cluster",
            "Watches",
            "Evaluation",
            "Restarts",
            "Status",
            "Reconcilers",
            "Hosting",
            Root,
        ],
    };

    public static TheoryData<string> Projects =>
        [.. SourceFile.All.Select(file => file.Project).Distinct(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_has_exactly_the_listed_folders(string project) =>
        Assert.Equal(
            OrderOf(project).Order(StringComparer.Ordinal),
            FilesOf(project).Select(file => file.Folder).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
        );

    [Fact]
    public void The_namespace_of_a_file_is_its_folder() =>
        Assert.Empty(
            from file in SourceFile.All
            let expected = file.Project is OneNamespace ? OneNamespace : file.FullFolder
            from declared in file.Namespaces
            where !string.Equals(declared, expected, StringComparison.Ordinal)
            select $"{file.Path}: {declared}"
        );

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_folder_uses_only_the_folders_before_it(string project)
    {
        string[] order = OrderOf(project);
        Dictionary<string, HashSet<string>> types = FilesOf(project)
            .GroupBy(file => file.Folder, StringComparer.Ordinal)
            .ToDictionary(
                folder => folder.Key,
                folder => folder.SelectMany(file => file.Types).ToHashSet(StringComparer.Ordinal),
                StringComparer.Ordinal
            );
        Assert.Empty(
            from file in FilesOf(project)
            from later in order
                .SkipWhile(folder => !string.Equals(folder, file.Folder, StringComparison.Ordinal))
                .Skip(1)
            let isNamed = file.NamedFolders.Contains(later, StringComparer.Ordinal)
                || types[later].Any(type => file.Text.Contains($"{later}.{type}", StringComparison.Ordinal))
            // Types of the project's own namespace need no directive.
            let isVisible = later is Root || project is OneNamespace
            let type = isVisible ? file.Words.FirstOrDefault(types[later].Contains) : null
            where isNamed || type is not null
            select $"{file.Path} -> {(later is Root ? project : later)} {type}"
        );
    }

    private static IEnumerable<SourceFile> FilesOf(string project) =>
        SourceFile.All.Where(file => string.Equals(file.Project, project, StringComparison.Ordinal));

    private static string[] OrderOf(string project) => Orders.GetValueOrDefault(project) ?? [];
}
