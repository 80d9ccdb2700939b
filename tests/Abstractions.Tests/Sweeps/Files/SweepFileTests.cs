using CsCheck;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Sweeps.Files;

namespace MlTr.Abstractions.Tests.Sweeps.Files;

public sealed class SweepFileTests
{
    private const string Everything = """
        # what a kitchen camera needs
        name: Kitchen
        datasets:
          - id: kitchen
            folder: pictures/kitchen
            format: coco
        dataset: kitchen
        objective: {metric: train/loss, maximize: false}
        search: {kind: tpe, trials: 30, seed: 7}
        parameters:
          passes: 4
          variant: [mltr-n, mltr-t]
          learning_rate: {min: 1e-4, max: 1e-2, log: true, points: 3}
          batch_size: {min: 8, max: 64, log: true}
          cross_window: [true, false]
          mixup_alpha: {values: [0, 0.2], when: {cross_window: true}}
        constraints:
          - learning_rate * batch_size < 0.5
        stopping: {rule: asha, min_passes: 1, reduction: 2}
        retries: {max: 5, split_batch: true}
        max_parallel_trials: 3
        priority: -2
        """;

    [Fact]
    public void Parse_EveryKey_IsInTheSpec()
    {
        var (spec, datasets) = SweepFile.Parse(Everything);

        Assert.Equal([new DatasetRegistration("kitchen", "pictures/kitchen", "coco")], datasets);
        Assert.Equal(("Kitchen", "kitchen", 3, -2), (spec.Name, spec.Dataset, spec.MaxParallelTrials, spec.Priority));
        Assert.Equal(new Objective("train/loss", Maximize: false), spec.Objective);
        Assert.Equal(new SearchSpec(SearchKind.Tpe, 30, 7), spec.Search);
        Assert.Equal(new StoppingSpec(StoppingKind.Asha, 1, 2), spec.Stopping);
        Assert.Equal(["learning_rate * batch_size < 0.5"], spec.Constraints);
        Assert.Equal(new RetrySpec(5, SplitBatch: true), spec.Retries);
        Assert.Equal(
        [
            new ChoiceParameter("passes", [4L]),
            new ChoiceParameter("variant", ["mltr-n", "mltr-t"]),
            new FloatParameter("learning_rate", 1e-4, 1e-2, Log: true, GridPoints: 3),
            new IntParameter("batch_size", 8, 64, Log: true),
            new ChoiceParameter("cross_window", [true, false]),
            new ChoiceParameter("mixup_alpha", [0.0, 0.2]) { When = new ParameterCondition("cross_window", [true]) },
        ], spec.Parameters);
    }

    [Fact]
    public void Parse_TheSameInJson_IsTheSame()
    {
        var json = SweepFile.Parse(Everything).ToJson();

        Assert.StartsWith("{", json);
        AssertSame(SweepFile.Parse(Everything), SweepFile.Parse(json));
        AssertSame(SweepFile.Parse(Everything), SweepFile.Parse(json.Replace("  ", "\t", StringComparison.Ordinal)));
    }

    [Fact]
    public void Write_AnySpec_ReadsBackTheSame() => Specs.Sample(
        spec =>
        {
            var file = new SweepFile(spec, [new DatasetRegistration("mine", "/a b/'c': #d", null, "it's \"mine\": {yes}")]);
            AssertSame(file, SweepFile.Parse(file.ToYaml()));
            AssertSame(file, SweepFile.Parse(file.ToJson()));
        },
        iter: 300);

    [Fact]
    public void ToYaml_TheFirstSweep_IsWhatAPersonWouldWrite() => Assert.Equal("""
        name: First sweep
        dataset: marks
        objective: val/mAP
        search: grid
        parameters:
          learning_rate: [0.0001, 0.001, 0.01]
          cross_window: [true, false]
          variant: mltr-n
          passes: 2
          batch_size: 16
          weight_decay: 0.01
          ema_decay: 0.0
          gamma_negative: 2.0
          initialization: fan_in
          augmentation: none

        """, new SweepFile(SweepTemplates.FirstSweep).ToYaml());

    [Theory]
    [InlineData("- a\n- b", "file", "one mapping")]
    [InlineData("nmae: a", "nmae", "Line 1: nmae is not known here. Did you mean name? Known: constraints, dataset, datasets, max_parallel_trials, name")]
    [InlineData("xyzzy: a", "xyzzy", "is not known here. Known: constraints")]
    [InlineData("search: genetic", "search.kind", "is one of grid, random, sobol, tpe")]
    [InlineData("search: {kind: tpe, trials: many}", "search.trials", "takes a whole number")]
    [InlineData("search: {kind: tpe, budget: 3}", "search.budget", "Known: kind, seed, trials")]
    [InlineData("parameters: [passes]", "parameters", "takes a mapping")]
    [InlineData("parameters: {passes: four}", "parameters.passes", "Line 1: parameters.passes takes a whole number, not 'four'")]
    [InlineData("parameters: {cross_window: yes}", "parameters.cross_window", "takes true or false, not 'yes'")]
    [InlineData("parameters: {learning_rate: {min: 1e-3}}", "parameters.learning_rate", "needs min and max, or values")]
    [InlineData("parameters: {learning_rate: {min: 0.1, max: 0.01, points: 2}}", "parameters.learning_rate", "above its highest")]
    [InlineData("parameters: {variant: {min: 1, max: 2}}", "parameters.variant", "takes a list of values")]
    [InlineData("parameters: {learnin_rate: 1}", "parameters.learnin_rate", "no hyper-parameter 'learnin_rate'. Did you mean learning_rate? Known: variant, ")]
    [InlineData("parameters: {batch: 1}", "parameters.batch", "Did you mean batch_size?")]
    [InlineData("parameters: {mixup_alpha: {values: [0, 0.2], when: {cross_window: true}}}", "parameters.mixup_alpha", "does not list")]
    [InlineData("parameters: {mixup_alpha: {values: [0, 0.2], when: {cross_windw: true}}, cross_window: [true, false]}", "parameters.mixup_alpha", "drop the condition. Did you mean cross_window?")]
    [InlineData("constraints: passes < 3", "constraints", "takes a list")]
    [InlineData("worker_labels: h100", "worker_labels", "write name=value")]
    [InlineData("stopping: {rule: asha, min_passes: 0}", "stopping.min_passes", "1 pass at the earliest")]
    [InlineData("datasets: [{folder: x}]", "datasets", "needs id")]
    [InlineData("datasets: [x]", "datasets", "a mapping with id and folder")]
    public void Parse_AnError_NamesTheKeyAndWhatToDo(string text, string field, string message)
    {
        var error = Assert.Throws<SweepSpecException>(() => SweepFile.Parse(text));

        Assert.Contains(error.Errors, one => one.Field == field && one.Message.Contains(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("name: a\n\tdataset: b", "Line 2, column 1: The line is indented with a tab")]
    [InlineData("name: a\nsearch:\n\tkind: grid", "Line 3, column 1: The line is indented with a tab")]
    [InlineData("name: a\nname: b", "Line 2, column 1: The key name is there twice")]
    [InlineData("name a\ndataset: b", "Line 2, column 8: The line before has no ': '")]
    [InlineData("name: a\ndataset b\nsearch: grid", "Line 2, column 1: The line has no ': '")]
    [InlineData("search: grid\n  trials: 3", "Line 2, column 9: The line is indented deeper than the one before")]
    [InlineData("parameters:\n  passes: 4\n learning_rate: 1", "Line 3, column 2: The line is indented otherwise than the keys beside it")]
    [InlineData("search: kind: tpe", "Line 1, column 13: A second ': ' on one line")]
    [InlineData("name: a\n- b", "Line 2, column 1: A list item stands where a key is expected")]
    [InlineData("- a\nname: b", "Line 2, column 1: A key stands in the middle of a list")]
    [InlineData("name: \"a\ndataset: b", "Line 1, column 7: The quotation mark \" that opens here is not closed")]
    [InlineData("name: 'a\ndataset: b", "Line 1, column 7: The quotation mark ' that opens here is not closed")]
    [InlineData("name: 'it's'", "Line 1, column 11: Something follows the end of the value")]
    [InlineData("name: \"a\\q\"", "Line 1, column 7: A backslash")]
    [InlineData("name: @a", "Line 1, column 7: A value cannot begin with @: put it in quotation marks.")]
    [InlineData("name: *a", "A value that begins with *")]
    [InlineData("name: a\nparameters:\n  passes: [1, 2\n  shift: true # ]", "Line 3, column 11: The [ that opens here is not closed: put a ] where it ends.")]
    [InlineData("name: '[{'\nparameters: {passes: 4\n", "Line 2, column 13: The { that opens here is not closed: put a } where it ends.")]
    [InlineData("parameters: {passes: [1}", "Line 1, column 22: The [ that opens here is not closed")]
    [InlineData("parameters:\n  passes: [1, 2]]", "Line 2, column 17: The ] closes nothing: take it away.")]
    [InlineData("{\"name\": \"a\" \"dataset\": \"b\"}", "Line 1, column 14: A comma or the closing } is missing here.")]
    [InlineData("{\"name\": \"a\",, \"dataset\": \"b\"}", "Line 1, column 14: A value is missing here")]
    [InlineData("name: >x", "Line 1, column 7: This is no YAML")]
    public void Parse_NoYaml_SaysWhereAndWhatToWriteInstead(string text, string message)
    {
        var error = Assert.Throws<SweepSpecException>(() => SweepFile.Parse(text));

        var only = Assert.Single(error.Errors);
        Assert.Equal("file", only.Field);
        Assert.Contains(message, only.Message, StringComparison.Ordinal);
        Assert.Equal(message.StartsWith("Line 1, column 7: This", StringComparison.Ordinal), only.Message.Contains("While ", StringComparison.Ordinal)); // the parser's words only where we have none
    }

    [Fact]
    public void Parse_SeveralErrors_ListsThemAll()
    {
        var error = Assert.Throws<SweepSpecException>(() => SweepFile.Parse("search: x\nparameters: {passes: four, nothing: 1}\npriority: 1000"));

        Assert.Equal(["dataset", "name", "parameters.nothing", "parameters.passes", "priority", "search.kind"], error.Errors.Select(one => one.Field).Distinct().Order());
    }

    [Fact]
    public void Parse_ADatasetThatIsNotKnown_IsListedWithTheOtherErrors_AndSaysWhatMayBeMeant()
    {
        var error = Assert.Throws<SweepSpecException>(() => SweepFile.Parse("name: a\ndataset: mraks\npriority: 1000\ndatasets: [{id: kitchen, folder: x}]", ["marks"]));

        Assert.Equal(["dataset", "priority"], error.Errors.Select(one => one.Field).Order());
        Assert.Contains("dataset: There is no dataset 'mraks'. Did you mean marks? Known: kitchen, marks.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kitchen")]
    [InlineData("marks")]
    public void Parse_ADatasetOfThePlatformOrOfTheFile_IsFine(string dataset) =>
        Assert.Equal(dataset, SweepFile.Parse($"name: a\ndataset: {dataset}\nparameters: {{passes: 2}}\ndatasets: [{{id: kitchen, folder: x}}]", ["marks"]).Spec.Dataset);

    [Fact]
    public void Load_ARelativeFolder_IsTakenFromTheFilesOwn()
    {
        var folder = Directory.CreateTempSubdirectory("mltr-file-").FullName;
        try
        {
            var path = Path.Combine(folder, "sweep.yaml");
            File.WriteAllText(path, Everything);

            Assert.Equal(Path.Combine(folder, "pictures", "kitchen"), SweepFile.Load(path).Datasets.Single().Folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void ToCSharp_EveryKey_IsTheBuilderCallThatBuildsIt()
    {
        var built = SweepBuilder.Named("Kitchen").On("kitchen")
            .Tpe(trials: 30, seed: 7)
            .Fixed("passes", 4)
            .Choice("variant", "mltr-n", "mltr-t")
            .Range("learning_rate", 0.0001, 0.01, log: true, gridPoints: 3)
            .Range("batch_size", 8, 64, log: true)
            .Choice("cross_window", true, false)
            .Choice("mixup_alpha", 0.0, 0.2).OnlyWhen("cross_window", true)
            .Require("learning_rate * batch_size < 0.5")
            .Minimize("train/loss")
            .StopByAsha(minPasses: 1, reduction: 2)
            .Retry(max: 5, splitBatch: true)
            .AtMost(3)
            .Priority(-2)
            .Build();
        var file = SweepFile.Parse(Everything);

        AssertSame(file with { Datasets = [] }, new SweepFile(built));
        Assert.Equal("""
            var spec = SweepBuilder.Named("Kitchen").On("kitchen")
                .Tpe(trials: 30, seed: 7)
                .Fixed("passes", 4)
                .Choice("variant", "mltr-n", "mltr-t")
                .Range("learning_rate", 0.0001, 0.01, log: true, gridPoints: 3)
                .Range("batch_size", 8, 64, log: true)
                .Choice("cross_window", true, false)
                .Choice("mixup_alpha", 0.0, 0.2).OnlyWhen("cross_window", true)
                .Require("learning_rate * batch_size < 0.5")
                .Minimize("train/loss")
                .StopByAsha(minPasses: 1, reduction: 2)
                .Retry(max: 5, splitBatch: true)
                .AtMost(3)
                .Priority(-2)
                .Build();

            """, file.ToCSharp());
    }

    private static Gen<SweepSpec> Specs => Gen.Select(
        Gen.String[Gen.Char[' ', '~'], 1, 30].Where(text => text.Trim().Length > 0),
        Gen.Double[1e-6, 1e-3], Gen.Int[0, 5], Gen.Bool, Gen.Int[1, 50], Gen.Enum<SearchKind>(), Gen.Enum<StoppingKind>(),
        (name, rate, points, flag, number, search, stopping) => new SweepSpec(
            name.Trim(),
            "some-data",
            [
                new FloatParameter("learning_rate", rate, 2 * rate, flag, Math.Max(points, 1)),
                new IntParameter("batch_size", number, number + 10, !flag, 2),
                new ChoiceParameter("cross_window", [flag]),
                new ChoiceParameter("passes", [(long)number]) { When = points == 0 ? null : new ParameterCondition("cross_window", [true, false]) },
            ],
            search == SearchKind.Grid ? new SearchSpec(search) : new SearchSpec(search, number, points),
            new Objective("val/CF1", flag),
            points,
            number,
            stopping switch
            {
                StoppingKind.None => null,
                StoppingKind.Asha or StoppingKind.Hyperband => new StoppingSpec(stopping, number, points + 2),
                _ => new StoppingSpec(stopping, number, MinTrials: points + 1),
            })
        {
            WorkerLabels = points == 3 ? "gpu=h100, site=north" : "",
            Retries = points == 2 ? new RetrySpec(number % 20, flag) : null,
            Constraints = points == 1 ? ["learning_rate < 1 and variant = 'mltr-n'"] : [],
        });

    private static void AssertSame(SweepFile expected, SweepFile actual)
    {
        Assert.Equal(expected.Datasets, actual.Datasets);
        Assert.Equal(expected.Spec.Parameters, actual.Spec.Parameters);
        Assert.Equal(expected.Spec.Constraints, actual.Spec.Constraints);
        Assert.Equal(expected.Spec with { Parameters = [], Constraints = [] }, actual.Spec with { Parameters = [], Constraints = [] });
    }
}
