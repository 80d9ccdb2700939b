using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Features.Sweeps;

namespace MlTr.Dashboard.Tests.Features.Sweeps;

/// <summary>A half filled form as a text: nothing that was typed is lost, and what is no draft is none.</summary>
public class SweepDraftTests
{
    public static TheoryData<string> Templates => [.. SweepTemplates.All.Select(known => known.Key)];

    [Theory]
    [MemberData(nameof(Templates))]
    public void TryRead_OfAnyTemplate_IsTheSameForm(string key)
    {
        var form = SweepForm.FromSpec(SweepTemplates.All.First(known => known.Key == key).Spec);

        var read = SweepDraft.TryRead(SweepDraft.Write(form));

        Assert.NotNull(read);
        Assert.Equal(SweepDraft.Write(form), SweepDraft.Write(read));
    }

    [Fact]
    public void TryRead_WhatIsWrong_StaysAsItWasTyped()
    {
        var form = SweepForm.FromSpec(SweepTemplates.FirstSweep);
        (form.TrialBudget, form.Constraints, form.Parameters[0].Values) = ("many", "learning_rate <", "1e-3, x");

        var read = SweepDraft.TryRead(SweepDraft.Write(form))!;

        Assert.Equal(("many", "learning_rate <", "1e-3, x"), (read.TrialBudget, read.Constraints, read.Parameters[0].Values));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"parameters\":null}")]
    public void TryRead_NoDraft_IsNull(string? text) => Assert.Null(SweepDraft.TryRead(text));

    [Fact]
    public void TryRead_AParameterThatIsKnownNoMore_IsLeftOut()
    {
        var text = SweepDraft.Write(SweepForm.FromSpec(SweepTemplates.FirstSweep)).Replace("learning_rate", "learning_speed", StringComparison.Ordinal);

        Assert.DoesNotContain(SweepDraft.TryRead(text)!.Parameters, one => one.Name == "learning_speed");
    }
}
