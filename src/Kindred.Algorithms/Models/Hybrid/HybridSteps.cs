using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Kindred.Algorithms.Kernels;

namespace Kindred.Algorithms.Models.Hybrid;

/// <summary>How a parameter moves by its gradient: the same fused operations for eight at a time and for one.</summary>
internal unsafe interface IHybridStep
{
    /// <summary>Numbers remembered for each parameter, in planes behind it.</summary>
    static abstract int Memory { get; }

    /// <summary>What the memory starts with.</summary>
    static abstract float Start { get; }

    /// <summary>Moves the eight parameters at <paramref name="at"/>, whose planes are <paramref name="stride"/> apart.</summary>
    void Move(float* at, int stride, Vector256<float> value, Vector256<float> gradient);

    /// <summary>Moves one parameter.</summary>
    void Move(float* at, int stride, float value, float gradient);
}

/// <summary>
/// Adagrad: rate x gradient / root of the sum of squares, which starts at 1 and has this gradient in it, so that no step is longer than the rate
/// (LightFM leaves it out: there a first large gradient makes a large step). One over the root is found by two steps of Newton, within 0.000005
/// of it: half the time of dividing by a root, and the same bits on every processor.
/// </summary>
internal readonly unsafe struct AdagradStep(float rate) : IHybridStep
{
    /// <summary>Half the exponent with its sign turned, and the mantissa that errs least (Lomont 2003).</summary>
    private const int Guess = 0x5F37_5A86;

    public static int Memory => 1;

    public static float Start => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move(float* at, int stride, Vector256<float> value, Vector256<float> gradient)
    {
        var sum = Vector256.FusedMultiplyAdd(gradient, gradient, Vector256.Load(at + stride));
        sum.Store(at + stride);
        var half = Vector256.Create(0.5f) * sum;
        var root = (Vector256.Create(Guess) - (sum.AsInt32() >>> 1)).AsSingle();
        root *= Vector256.FusedMultiplyAdd(-(half * root), root, Vector256.Create(1.5f));
        root *= Vector256.FusedMultiplyAdd(-(half * root), root, Vector256.Create(1.5f));
        Vector256.FusedMultiplyAdd(Vector256.Create(-rate) * gradient, root, value).Store(at);
    }

    public void Move(float* at, int stride, float value, float gradient)
    {
        var sum = MathF.FusedMultiplyAdd(gradient, gradient, at[stride]);
        at[stride] = sum;
        var half = 0.5f * sum;
        var root = BitConverter.Int32BitsToSingle(Guess - (BitConverter.SingleToInt32Bits(sum) >>> 1));
        root *= MathF.FusedMultiplyAdd(-(half * root), root, 1.5f);
        root *= MathF.FusedMultiplyAdd(-(half * root), root, 1.5f);
        *at = MathF.FusedMultiplyAdd(-rate * gradient, root, value);
    }
}

/// <summary>Adadelta: step = gradient x root of the mean squared step / root of the mean squared gradient.</summary>
internal readonly unsafe struct AdadeltaStep(float rho, float epsilon) : IHybridStep
{
    public static int Memory => 2;

    public static float Start => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move(float* at, int stride, Vector256<float> value, Vector256<float> gradient)
    {
        var gradients = (Vector256.Create(rho) * Vector256.Load(at + stride)) + (Vector256.Create(1 - rho) * (gradient * gradient));
        gradients.Store(at + stride);
        var steps = Vector256.Load(at + (2 * stride));
        var step = gradient * Vector256.Sqrt(steps + Vector256.Create(epsilon)) / Vector256.Sqrt(gradients + Vector256.Create(epsilon));
        ((Vector256.Create(rho) * steps) + (Vector256.Create(1 - rho) * (step * step))).Store(at + (2 * stride));
        (value - step).Store(at);
    }

    public void Move(float* at, int stride, float value, float gradient)
    {
        var gradients = (rho * at[stride]) + ((1 - rho) * (gradient * gradient));
        at[stride] = gradients;
        var steps = at[2 * stride];
        var step = gradient * MathF.Sqrt(steps + epsilon) / MathF.Sqrt(gradients + epsilon);
        at[2 * stride] = (rho * steps) + ((1 - rho) * (step * step));
        *at = value - step;
    }
}

/// <summary>What one sample takes: the scores of two items and, by the loss's slopes in them, a step of the user and both items.</summary>
internal static unsafe class HybridSteps
{
    /// <summary>The scalar product of two rows, as <see cref="Dots"/> computes it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(float* row, float* other, int stride, SimdPath path) =>
        path == SimdPath.Plain ? DotPlain(row, other, stride) : DotVector(row, other, stride);

    /// <summary>The scalar products of a row with four others, all of a length that is a multiple of 8. One may be given several times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Dots(float* row, float* a, float* b, float* c, float* d, int stride, SimdPath path) =>
        path == SimdPath.Plain ? DotsPlain(row, a, b, c, d, stride) : DotsVector(row, a, b, c, d, stride);

    /// <summary>
    /// With s_p = u·p and s_n = u·n and the loss's slopes in them: gradient of u = toPositive p + toNegative n, of p = toPositive u, of
    /// n = toNegative u, each plus pull x parameter. All three are taken before any moves. The user's number at <paramref name="biasAt"/> stays 1:
    /// there the items keep their biases. Where gradients are gathered, those of the items are added to them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Move<TStep>(
        TStep step, float* user, float* positive, float* negative, int stride, int biasAt, float toPositive, float toNegative, float pull, HybridGradients gradients, SimdPath path)
        where TStep : struct, IHybridStep
    {
        if (path == SimdPath.Plain)
        {
            MovePlain(step, user, positive, negative, stride, toPositive, toNegative, pull, gradients);
        }
        else
        {
            MoveVector(step, user, positive, negative, stride, toPositive, toNegative, pull, gradients);
        }

        user[biasAt] = 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> DotsVector(float* row, float* a, float* b, float* c, float* d, int stride)
    {
        // Four sums side by side take hardly longer than one, which would wait for itself.
        Vector256<float> sumA = default, sumB = default, sumC = default, sumD = default;
        for (var f = 0; f < stride; f += 8)
        {
            var r = Vector256.Load(row + f);
            sumA = Vector256.FusedMultiplyAdd(r, Vector256.Load(a + f), sumA);
            sumB = Vector256.FusedMultiplyAdd(r, Vector256.Load(b + f), sumB);
            sumC = Vector256.FusedMultiplyAdd(r, Vector256.Load(c + f), sumC);
            sumD = Vector256.FusedMultiplyAdd(r, Vector256.Load(d + f), sumD);
        }

        var ab = Sse3.HorizontalAdd(sumA.GetLower() + sumA.GetUpper(), sumB.GetLower() + sumB.GetUpper());
        var cd = Sse3.HorizontalAdd(sumC.GetLower() + sumC.GetUpper(), sumD.GetLower() + sumD.GetUpper());
        return Sse3.HorizontalAdd(ab, cd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float DotVector(float* row, float* other, int stride)
    {
        Vector256<float> sum = default;
        for (var f = 0; f < stride; f += 8)
        {
            sum = Vector256.FusedMultiplyAdd(Vector256.Load(row + f), Vector256.Load(other + f), sum);
        }

        var four = sum.GetLower() + sum.GetUpper();
        return four[0] + four[1] + (four[2] + four[3]);
    }

    private static Vector128<float> DotsPlain(float* row, float* a, float* b, float* c, float* d, int stride) =>
        Vector128.Create(DotPlain(row, a, stride), DotPlain(row, b, stride), DotPlain(row, c, stride), DotPlain(row, d, stride));

    private static float DotPlain(float* row, float* other, int stride)
    {
        Span<float> sums = stackalloc float[8];
        sums.Clear();
        for (var f = 0; f < stride; f++)
        {
            sums[f % 8] = MathF.FusedMultiplyAdd(row[f], other[f], sums[f % 8]);
        }

        return sums[0] + sums[4] + (sums[1] + sums[5]) + (sums[2] + sums[6] + (sums[3] + sums[7]));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MoveVector<TStep>(
        TStep step, float* user, float* positive, float* negative, int stride, float toPositive, float toNegative, float pull, HybridGradients gradients)
        where TStep : struct, IHybridStep
    {
        var slopeP = Vector256.Create(toPositive);
        var slopeN = Vector256.Create(toNegative);
        var pulls = Vector256.Create(pull);
        for (var f = 0; f < stride; f += 8)
        {
            var u = Vector256.Load(user + f);
            var p = Vector256.Load(positive + f);
            var n = Vector256.Load(negative + f);
            var ofP = slopeP * u;
            var ofN = slopeN * u;
            if (gradients.Positive != null)
            {
                (Vector256.Load(gradients.Positive + f) + ofP).Store(gradients.Positive + f);
                (Vector256.Load(gradients.Negative + f) + ofN).Store(gradients.Negative + f);
            }

            step.Move(user + f, stride, u, Vector256.FusedMultiplyAdd(pulls, u, Vector256.FusedMultiplyAdd(slopeP, p, slopeN * n)));
            step.Move(positive + f, stride, p, Vector256.FusedMultiplyAdd(pulls, p, ofP));
            step.Move(negative + f, stride, n, Vector256.FusedMultiplyAdd(pulls, n, ofN));
        }
    }

    private static void MovePlain<TStep>(
        TStep step, float* user, float* positive, float* negative, int stride, float toPositive, float toNegative, float pull, HybridGradients gradients)
        where TStep : struct, IHybridStep
    {
        for (var f = 0; f < stride; f++)
        {
            var (u, p, n) = (user[f], positive[f], negative[f]);
            var ofP = toPositive * u;
            var ofN = toNegative * u;
            if (gradients.Positive != null)
            {
                gradients.Positive[f] += ofP;
                gradients.Negative[f] += ofN;
            }

            step.Move(user + f, stride, u, MathF.FusedMultiplyAdd(pull, u, MathF.FusedMultiplyAdd(toPositive, p, toNegative * n)));
            step.Move(positive + f, stride, p, MathF.FusedMultiplyAdd(pull, p, ofP));
            step.Move(negative + f, stride, n, MathF.FusedMultiplyAdd(pull, n, ofN));
        }
    }
}

/// <summary>Where the gradients of a sample's two items are gathered for their features; null pointers without features.</summary>
internal readonly unsafe struct HybridGradients(float* positive, float* negative)
{
    public float* Positive { get; } = positive;

    public float* Negative { get; } = negative;
}
