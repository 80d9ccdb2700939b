using static TorchSharp.torch;

namespace MlTr.Model.Training;

/// <summary>Operations on all weights at once, one native call instead of hundreds; TorchSharp reaches libtorch's fused kernels through TorchScript only.</summary>
internal static class TensorLists
{
    private static readonly Lazy<jit.CompilationUnit?> Script = new(Compile);

    /// <summary>Whether the fused kernels are there; without them the same is done tensor by tensor.</summary>
    public static bool Fused => Script.Value is not null;

    /// <summary>One AdamW step (decoupled decay) on weights, gradients, both moments and step counters [0-dim float32], all in place.</summary>
    public static void AdamW(
        Tensor[] weights, Tensor[] gradients, Tensor[] first, Tensor[] second, Tensor[] steps, double rate, double beta1, double beta2, double decay, double eps) =>
        Script.Value!.invoke("adamw", weights, gradients, first, second, Array.Empty<Tensor>(), steps, rate, beta1, beta2, decay, eps);

    /// <summary>The 2-norm of all values together: a 0-dim tensor.</summary>
    public static Tensor Norm(Tensor[] tensors)
    {
        if (Script.Value is { } script)
        {
            return (Tensor)script.invoke("total_norm", [tensors]);
        }

        using var scope = NewDisposeScope();
        return stack(tensors.Select(t => t.norm())).norm().MoveToOuterDisposeScope();
    }

    /// <summary>Multiplies all in place.</summary>
    public static void Scale(Tensor[] tensors, double factor)
    {
        foreach (var tensor in tensors)
        {
            _ = tensor.mul_(factor);
        }
    }

    /// <summary>average += share (newest - average), in place.</summary>
    public static void MoveTowards(Tensor[] averages, Tensor[] newest, double share)
    {
        if (Script.Value is { } script)
        {
            _ = script.invoke("move_towards", averages, newest, share);
            return;
        }

        for (var i = 0; i < averages.Length; i++)
        {
            _ = averages[i].lerp_(newest[i], share);
        }
    }

    // The parser asserts unless the script ends with a newline.
    private static jit.CompilationUnit? Compile()
    {
        const string Source = """
            def adamw(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], x: List[Tensor], t: List[Tensor], lr: float, b1: float, b2: float, wd: float, eps: float):
                torch._fused_adamw_(p, g, m, v, x, t, lr=lr, beta1=b1, beta2=b2, weight_decay=wd, eps=eps, amsgrad=False, maximize=False)

            def total_norm(g: List[Tensor]) -> Tensor:
                return torch.norm(torch.stack(torch._foreach_norm(g, 2)))

            def move_towards(a: List[Tensor], b: List[Tensor], share: float):
                torch._foreach_lerp_(a, b, share)

            """;
        try
        {
            return jit.compile(Source.ReplaceLineEndings("\n") + "\n");
        }
        catch (Exception e) when (e is System.Runtime.InteropServices.ExternalException or TypeInitializationException or EntryPointNotFoundException)
        {
            return null;
        }
    }
}
