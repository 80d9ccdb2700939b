using MlTr.Abstractions.Sweeps;
using MlTr.Silo.Cli.Model;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Tests.Cli.Model;

public sealed class VerbArgumentsTests
{
    [Fact]
    public void HyperParameters_SomeTyped_ArePutOverTheCatalogue()
    {
        var arguments = VerbArguments.Parse(TrainVerb.Verb, ["--learning-rate", "1e-3", "--batch_size=8", "--shift", "false", "--out", "somewhere"]);

        var values = arguments.HyperParameters();

        Assert.Equal((1e-3, 8L, false), (values["learning_rate"].AsFloat, values["batch_size"].AsInt, values["shift"].AsBool));
        Assert.Equal(HyperParameters.Find("passes")!.Default, values["passes"]);
        Assert.Equal("somewhere", arguments["--out"]);
    }

    [Fact]
    public void HyperParameters_SeveralWrong_AreAllNamed()
    {
        var arguments = VerbArguments.Parse(TrainVerb.Verb, ["--learning-rate", "7", "--loss", "x", "--passes", "many"]);

        var error = Assert.Throws<PlatformException>(arguments.HyperParameters);

        Assert.Contains("learning_rate lies between", error.Message, StringComparison.Ordinal);
        Assert.Contains("loss is one of asl, bce, focal", error.Message, StringComparison.Ordinal);
        Assert.Contains("passes takes a whole number", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train", "--what")]
    [InlineData("train", "word")]
    [InlineData("train", "--out")]
    [InlineData("train", "--resume=yes")]
    public void Parse_WhatIsNotUnderstood_PointsToTheHelp(string verb, string word)
    {
        var error = Assert.Throws<PlatformException>(() => VerbArguments.Parse(TrainVerb.Verb, [word]));

        Assert.Contains($"{verb} --help", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HelpText_OfTrain_HasEveryHyperParameterWithRangeAndDefault()
    {
        var help = TrainVerb.Verb.HelpText.Split(Environment.NewLine);

        foreach (var known in HyperParameters.All)
        {
            var line = Assert.Single(help, line => line.StartsWith($"  {VerbOption.NameOf(known)} ", StringComparison.Ordinal));
            Assert.Contains(known.Description, line, StringComparison.Ordinal);
            Assert.EndsWith($"; default: {known.Default})", line, StringComparison.Ordinal);
        }
    }
}
