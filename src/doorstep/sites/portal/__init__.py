"""What borrowers and anybody else may open without an account: is this visitor, caller or message
really from us? Large print, one question a page, no JavaScript needed; never a word about a debt.
"""
